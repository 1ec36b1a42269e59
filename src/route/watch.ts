import { messageOf, OperatorError } from '../core/errors.ts';
import { describeProblem, type Problem } from '../core/problem.ts';
import type { Log } from '../runtime/log.ts';
import { fingerprint } from './fingerprint.ts';
import type { LoadedRulebook, Rulebook } from './rulebook.ts';

export type WatchOptions = {
  readonly load: () => Promise<LoadedRulebook>;
  /** Files and folders to reload on a change of. */
  readonly watched: readonly string[];
  readonly log: Log;
  /** Told the problems of every load, the first included; an empty list where all is well. */
  readonly onProblems?: (problems: readonly Problem[]) => void;
  /** Checks the first load and throws if the bot may not start with it; without it, rules merely have to exist. */
  readonly checkFirst?: (first: LoadedRulebook) => void;
  /** How often to look, in milliseconds. */
  readonly interval?: number;
};

export type RulebookWatch = {
  /** The last good rules; needs no `this`. */
  readonly current: () => Rulebook;
  /** Stops looking; resolves when a load under way has ended. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Loads the rules, or throws an OperatorError that names everything wrong with them; from then on edits take effect by
 * themselves. An edit with errors is reported once, and the last good rules stay. Files are polled, since that works alike on
 * every disk, network share and container mount. A change is loaded once it has been stable for an interval: editors truncate,
 * rename and write in steps.
 */
export const watchRulebook = async (options: WatchOptions): Promise<RulebookWatch> => {
  const { load, watched, log, interval = 1000 } = options;
  let loaded = await fingerprint(watched);
  let seen = loaded;
  const first = await load();
  options.checkFirst?.(first);
  if (!first.rulebook) throw refusal(first.problems);
  let rulebook = first.rulebook;
  let told = tell(first.problems, new Set(), options);

  const look = async (): Promise<void> => {
    const now = await fingerprint(watched);
    const rested = now === seen;
    seen = now;
    if (now === loaded || !rested) return;
    const outcome = await load();
    if ((await fingerprint(watched)) !== now) return;
    loaded = now;
    told = tell(outcome.problems, told, options);
    if (outcome.rulebook) {
      rulebook = outcome.rulebook;
      log.info({ version: rulebook.version, rules: rulebook.rules.length }, 'the edited rules are in effect');
    } else {
      log.error('the edit has errors; the rules from before it stay in effect until they are mended');
    }
  };

  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let looking = Promise.resolve();
  const later = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) =>
          log.error({ error: messageOf(error) }, 'the rules could not be looked at; trying again'),
        )
        .then(later);
    }, interval).unref();
  };
  later();

  return {
    current: () => rulebook,
    async [Symbol.asyncDispose]() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
};

const refusal = (problems: readonly Problem[]): OperatorError =>
  new OperatorError(
    `The rules can't be used:\n${problems.map((problem) => `  - ${describeProblem(problem)}`).join('\n')}`,
    {
      remedy: 'Mend them; `npm run cli -- check` looks at rules and templates without starting.',
    },
  );

/** Logs the problems that the load before did not have, and returns all current ones. */
const tell = (
  problems: readonly Problem[],
  told: ReadonlySet<string>,
  { log, onProblems }: WatchOptions,
): Set<string> => {
  const texts = new Set<string>();
  for (const problem of problems) {
    const text = describeProblem(problem);
    if (!told.has(text) && !texts.has(text)) log[problem.severity === 'error' ? 'error' : 'warn'](text);
    texts.add(text);
  }
  onProblems?.(problems);
  return texts;
};
