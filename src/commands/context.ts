import { type Config, readConfig } from '../config.ts';
import type { Look } from '../query/cli/look.ts';
import { paints } from '../query/cli/paint.ts';
import { timesIn } from '../query/cli/times.ts';

/** A stream a command writes to: of the process, or of a test. */
export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export type Streams = { readonly out: Output; readonly err: Output };

/** What a command gets besides its arguments. */
export type Context = Streams & {
  readonly env: Environment;
  /** The settings. Throws an OperatorError that names every problem if they are invalid. */
  readonly config: () => Config;
  /** Whether to print one JSON document instead of text for people. */
  readonly json: boolean;
  readonly now: () => number;
};

/** Creates a context; the settings are read when they are first asked for, and only once. */
export const createContext = (
  env: Environment,
  streams: Streams,
  options: { readonly json: boolean; readonly now: () => number },
): Context => {
  let config: Config | undefined;
  return {
    ...streams,
    ...options,
    env,
    config: () => {
      config ??= readConfig(env);
      return config;
    },
  };
};

/** Whether to write colours: only to a terminal, and not if they are unwanted (no-color.org). */
export const wantsColours = (env: Environment, out: Output): boolean =>
  out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';

const USUAL_WIDTH = 120;

/** How the answers of this command are formatted. */
const lookOf = ({ env, out, config }: Context): Look => ({
  paint: paints(wantsColours(env, out)),
  width: out.isTTY ? out.columns || USUAL_WIDTH : undefined,
  times: timesIn(config().timezone),
});

/** Prints an answer: as JSON if that was asked for, otherwise as text. */
export const print = <Answer>(context: Context, answer: Answer, text: (answer: Answer, look: Look) => string): void => {
  context.out.write(context.json ? `${JSON.stringify(answer, null, 2)}\n` : text(answer, lookOf(context)));
};
