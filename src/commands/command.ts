import { parseArgs } from 'node:util';
import { didYouMean } from '../core/suggest.ts';
import { CLI } from '../query/cli/look.ts';
import type { Context } from './context.ts';

/** 0: done. 1: failed, or nothing found. 2: wrong usage. */
export type ExitCode = 0 | 1 | 2;

export type Option = {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** The placeholder for the value in the help. */
  readonly value?: string;
  readonly help: string;
};
export type Options = Readonly<Record<string, Option>>;

type Values<Given extends Options> = {
  readonly [Name in keyof Given]?: Given[Name]['type'] extends 'boolean'
    ? boolean
    : Given[Name] extends { readonly multiple: true }
      ? readonly string[]
      : string;
};

export type Description<Given extends Options = Options> = {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** The positional arguments as the help writes them: `ID`, `WORDS…`. */
  readonly args: string;
  /** How many positional arguments there may be. */
  readonly count: readonly [least: number, most: number];
  readonly options: Given;
  /** Whether it takes `--json`. */
  readonly json: boolean;
  /** Further paragraphs of the help. */
  readonly more?: readonly string[];
  /** Calls to try, without the program's name. */
  readonly examples: readonly string[];
};

export type Command = Description & {
  /** Runs the command; `args` are the arguments after its name. Throws a UsageError or an OperatorError. */
  run(args: readonly string[], context: Context): Promise<ExitCode>;
};

/** A command was called in a wrong way. It is printed with a hint to the help, and the exit code is 2. */
export class UsageError extends Error {
  /** The command whose help explains the usage; undefined for the general help. */
  readonly command: string | undefined;

  constructor(message: string, command?: string) {
    super(message);
    this.name = 'UsageError';
    this.command = command;
  }
}

/** Makes a command from its description and a function that gets its arguments parsed, checked and typed. */
export const command = <const Given extends Options>(
  description: Description<Given> & {
    run(
      call: { readonly values: Values<Given>; readonly args: readonly string[] },
      context: Context,
    ): Promise<ExitCode>;
  },
): Command => ({
  ...description,
  run: async (args, context) => description.run(parse(args, description), context),
});

const JSON_OPTION: Option = { type: 'boolean', help: 'print one JSON document, for machines' };

/** The options of a command, with the common ones `--json` and `--help`. */
export const allOptions = ({ options, json }: Pick<Description, 'options' | 'json'>): Options => ({
  ...options,
  ...(json && { json: JSON_OPTION }),
  help: { type: 'boolean', help: 'print this help' },
});

const parse = <Given extends Options>(
  given: readonly string[],
  description: Description<Given>,
): { values: Values<Given>; args: readonly string[] } => {
  const options = allOptions(description);
  const { name, count } = description;
  const wrong = (message: string): UsageError => new UsageError(message, name);
  // Not strict, so that the error messages are our own.
  const { values, positionals, tokens } = parseArgs({
    args: [...given],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = options[token.name];
    if (!option || !Object.hasOwn(options, token.name)) {
      const near = didYouMean(
        token.rawName,
        Object.keys(options).map((known) => `--${known}`),
      );
      throw wrong(`${name} has no option ${token.rawName}${near || '.'}`);
    }
    if (option.type === 'boolean' && token.value !== undefined) throw wrong(`${token.rawName} takes no value.`);
    const missing = token.value === undefined || (!token.inlineValue && token.value.startsWith('--'));
    if (option.type === 'string' && missing) throw wrong(`${token.rawName} needs a value: ${option.value ?? 'TEXT'}.`);
  }
  const [least, most] = count;
  if (positionals.length < least) throw wrong(`${name} needs ${description.args}.`);
  if (positionals.length > most) throw wrong(`${name} does not know what to do with "${positionals[most]}".`);
  // What a script fills in may turn out empty (`why "$ID"`, `backup "$FOLDER"`). Among words it does no harm.
  if (most < Number.POSITIVE_INFINITY && positionals.some((word) => word.trim() === '')) {
    throw wrong(`${name} was given an empty text for ${description.args}.`);
  }
  return { values: values as Values<Given>, args: positionals };
};

/** Parses an option that takes a whole number of at least `least`; `otherwise` if it is not given. Throws a UsageError. */
export const wholeNumber = (
  text: string | undefined,
  otherwise: number,
  { name, option, least }: { readonly name: string; readonly option: string; readonly least: number },
): number => {
  if (text === undefined) return otherwise;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least))
    throw new UsageError(`--${option} takes a whole number from ${least} on, not "${text}".`, name);
  return number;
};

/** How a command is called, for messages. */
export const callOf = (name: string): string => `${CLI} ${name}`;
