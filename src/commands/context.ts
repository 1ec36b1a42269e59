import { type Config, readConfig } from '../config.ts';
import type { Look } from '../query/cli/look.ts';
import { paints } from '../query/cli/paint.ts';
import { timesIn } from '../query/cli/times.ts';

/** Where a command writes to: a process's streams, or a test's. */
export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export type Streams = { readonly out: Output; readonly err: Output };

/** What a command has besides its arguments. */
export type Context = Streams & {
  readonly env: Environment;
  /** The settings; throws an OperatorError that names all problems where they can't be used. */
  readonly config: () => Config;
  /** Whether one JSON document is asked for, in place of text for people. */
  readonly json: boolean;
  readonly now: () => number;
};

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

/** Colours only where somebody looks, and does not mind them (no-color.org). */
export const wantsColours = (env: Environment, out: Output): boolean =>
  out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';

const USUAL_WIDTH = 120;

/** How this command's answers are written. */
const lookOf = ({ env, out, config }: Context): Look => ({
  paint: paints(wantsColours(env, out)),
  width: out.isTTY ? out.columns || USUAL_WIDTH : undefined,
  times: timesIn(config().timezone),
});

/** Writes an answer: as JSON where that was asked for, else as text. */
export const print = <Answer>(context: Context, answer: Answer, text: (answer: Answer, look: Look) => string): void => {
  context.out.write(context.json ? `${JSON.stringify(answer, null, 2)}\n` : text(answer, lookOf(context)));
};
