import { messageOf, OperatorError } from '../../core/errors.ts';

/** A result of a check. Warnings and problems have a `remedy`, which says what to do. */
export type Finding = {
  readonly check: string;
  /** `unchecked`: there was nothing to compare with. */
  readonly state: 'ok' | 'unchecked' | 'warning' | 'problem';
  readonly says: string;
  readonly remedy?: string;
};

export type Check = {
  readonly name: string;
  /** Throws if the check itself failed; an OperatorError if the remedy is known. Frees its resources once `signal` aborts. */
  run(tools: CheckTools): Promise<readonly Found[]>;
};

export type CheckTools = {
  /** Aborted when the check takes too long. */
  readonly signal: AbortSignal;
  /** Notes the time of another machine's clock: the text of an HTTP Date header, or Unix milliseconds. */
  clock(whose: string, at: string | number | null): void;
};

/** A finding as a check returns it, without the check's name. */
export type Found = Omit<Finding, 'check'>;

export const ok = (says: string): Found => ({ state: 'ok', says });
export const unchecked = (says: string): Found => ({ state: 'unchecked', says });
export const warning = (says: string, remedy: string): Found => ({ state: 'warning', says, remedy });
export const problem = (says: string, remedy: string): Found => ({ state: 'problem', says, remedy });

/** Milliseconds that one check may take. */
const WITHIN = 5_000;

/** Runs all checks at once, each for at most five seconds, and returns their findings in order. Never rejects. */
export const examine = async (
  checks: readonly Check[],
  tools: Pick<CheckTools, 'clock'>,
  within = WITHIN,
): Promise<readonly Finding[]> => {
  const found = await Promise.all(checks.map((check) => runOne(check, tools, within)));
  return found.flat();
};

const runOne = async (check: Check, { clock }: Pick<CheckTools, 'clock'>, within: number): Promise<Finding[]> => {
  const late = Promise.withResolvers<readonly Found[]>();
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
    late.resolve([
      problem(
        `There was no answer within ${within / 1000} seconds.`,
        'Check the address, the network and any firewall on the way.',
      ),
    ]);
  }, within);
  const work = check.run({ signal: stop.signal, clock }).catch((error: unknown) => [failureOf(error)]);
  const found = await Promise.race([work, late.promise]);
  clearTimeout(timer);
  return found.map((each) => ({ check: check.name, ...each }));
};

const failureOf = (error: unknown): Found =>
  problem(
    messageOf(error),
    (error instanceof OperatorError ? error.remedy : undefined) ??
      'Check the address, the network and any proxy on the way.',
  );
