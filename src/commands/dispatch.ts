import { messageOf, OperatorError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { CLI } from '../query/cli/look.ts';
import { type Command, type ExitCode, UsageError } from './command.ts';
import { type Context, createContext, type Environment, type Streams } from './context.ts';
import { about, helpOf, overview } from './help.ts';

/** The surroundings of a call: streams, environment and clock (Unix milliseconds). */
export type World = Streams & { readonly env: Environment; readonly now: () => number };

/** Runs the command that the arguments name. Never rejects: errors are printed, and the exit code tells of them. */
export const dispatch = async (
  argv: readonly string[],
  commands: readonly Command[],
  world: World,
): Promise<ExitCode> => {
  const ends = argv.indexOf('--');
  const json = (ends < 0 ? argv : argv.slice(0, ends)).includes('--json');
  const context = createContext(world.env, world, { json, now: world.now });
  try {
    return await choose(argv, commands, context);
  } catch (error) {
    return report(error, context);
  }
};

const HELP = new Set(['--help', '-h', 'help']);
const VERSIONS = new Set(['--version', '-v', 'version']);

const choose = async (argv: readonly string[], commands: readonly Command[], context: Context): Promise<ExitCode> => {
  const [first, ...rest] = argv[0] === '--json' ? [...argv.slice(1), '--json'] : argv;
  if (first === undefined) {
    context.err.write(overview(commands));
    return 2;
  }
  const say = (text: string): ExitCode => {
    context.out.write(text);
    return 0;
  };
  if (VERSIONS.has(first)) return say(`${about().version}\n`);
  if (HELP.has(first)) return say(rest[0] === undefined ? overview(commands) : helpOf(find(rest[0], commands)));
  const chosen = find(first, commands);
  const asksForHelp = rest.some((word) => word === '--help' || word === '-h');
  return asksForHelp ? say(helpOf(chosen)) : chosen.run(rest, context);
};

const find = (name: string, commands: readonly Command[]): Command => {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const near = didYouMean(name, [...commands.map((command) => command.name), 'help']);
  throw new UsageError(`There is no command "${name}"${near || '.'}`);
};

/** Prints an error and its remedy; with --json also as a document, so that there always is exactly one. */
const report = (error: unknown, { err, out, json, env }: Context): ExitCode => {
  const told = explain(error);
  err.write(`${[told.message, told.remedy].filter(Boolean).join('\n')}\n`);
  if (json) out.write(`${JSON.stringify({ error: told }, null, 2)}\n`);
  const unforeseen = !(error instanceof UsageError || error instanceof OperatorError);
  if (unforeseen && env.LOG_LEVEL === 'debug' && error instanceof Error) err.write(`${error.stack}\n`);
  return error instanceof UsageError ? 2 : 1;
};

const explain = (error: unknown): { readonly message: string; readonly remedy?: string } => {
  // Closing failed too, after what is to be told.
  if (error instanceof SuppressedError) return explain(error.suppressed);
  if (error instanceof UsageError) {
    const help = error.command ? `${CLI} ${error.command} --help` : `${CLI} help`;
    return { message: error.message, remedy: `\`${help}\` tells how it is used.` };
  }
  if (error instanceof OperatorError) {
    return { message: error.message, ...(error.remedy !== undefined && { remedy: error.remedy }) };
  }
  return { message: messageOf(error), remedy: 'This was not foreseen. LOG_LEVEL=debug shows where it happened.' };
};
