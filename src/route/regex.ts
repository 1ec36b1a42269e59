import { type Context, createContext, Script } from 'node:vm';
import { messageOf } from '../core/errors.ts';

/*
 * Patterns come from the team, texts from strangers, and JavaScript's engine backtracks: `(ab|ab)*c` takes longer than the sun
 * has left on a text of a hundred characters. Linear-time engines are native code or have another syntax, and V8's own is
 * experimental. So texts are truncated, patterns found to be slow are refused when rules are loaded, and every other pattern
 * that could be slow runs under a time limit.
 */

/** Characters of a text that are matched, so that what a sender writes can't make a pattern slow. */
export const REGEX_TEXT_LIMIT = 2000;

/** In characters; longer patterns are refused. */
const LONGEST_PATTERN = 1000;

/** Tests the first REGEX_TEXT_LIMIT characters of a text; throws a RegexTooSlow where that takes too long. */
export type TextTest = (text: string) => boolean;

/** A pattern exceeded its time limit on a text. */
export class RegexTooSlow extends Error {}

/** Compiles `$regex` and `$options`, or says what is wrong with them. */
export const compileRegex = (pattern: string, options = ''): { test: TextTest } | { problem: string } => {
  if (!/^[imsu]*$/.test(options)) return { problem: `$options takes the letters i, m, s and u, not "${options}"` };
  if (pattern.length > LONGEST_PATTERN) return { problem: `$regex is longer than ${LONGEST_PATTERN} characters` };
  let regex: RegExp;
  try {
    regex = new RegExp(pattern, options);
  } catch (error) {
    return { problem: `$regex "${pattern}" is no regular expression: ${messageOf(error)}` };
  }
  const test: TextTest = isSurelyQuick(pattern) ? (text) => regex.test(text) : (text) => testOnClock(regex, text);
  return { test: (text) => test(text.slice(0, REGEX_TEXT_LIMIT)) };
};

/**
 * Whether a pattern repeats at most one thing, and that no group: then it looks at each place of a text once for each other at
 * the worst, which for 2000 is milliseconds.
 */
const isSurelyQuick = (pattern: string): boolean => {
  const bare = pattern.replace(/\\./gs, 'a').replace(/\[[^\]]*\]/g, 'a');
  const repeats = bare.match(/[*+]|\{\d*,?\d*\}/g) ?? [];
  return repeats.length <= 1 && !/\)[*+{]/.test(bare);
};

/** Milliseconds of processor time for one text. */
const MOST_TIME = 50;
/** The timeout below is wall-clock time, of which a pattern gets only a part on a busy machine. */
const MOST_TRIES = 20;

const boxed = new Script('regex.test(text)');
let box: Context | undefined;

const testOnClock = (regex: RegExp, text: string): boolean => {
  box ??= createContext({});
  Object.assign(box, { regex, text });
  const begun = process.threadCpuUsage();
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    try {
      return boxed.runInContext(box, { timeout: MOST_TIME }) === true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    }
    const { user, system } = process.threadCpuUsage(begun);
    if ((user + system) / 1000 >= MOST_TIME) break;
  }
  throw new RegexTooSlow(`/${regex.source}/ takes too long`);
};

/** Far longer than a useful pattern takes on any text, and short enough to wait for. */
const PATIENCE_MS = 1000;

/**
 * Whether a compiled pattern takes seconds on a text somebody might send, as `(a+)+$` does. Tries it on runs of the characters
 * and words it consists of, with one time limit for all trials, so it is meant for loading rules. What it does not find is
 * stopped when it runs.
 */
export const canHang = (pattern: string, options = ''): boolean => {
  const words = pattern.split(/[\\^$.|?*+()[\]{}]+/).filter((word) => word !== '');
  const seeds = new Set([...words.join(''), 'a', '0', ' ', '@', '.', ...words, words.join('')].slice(0, 60));
  const texts = [...seeds].map((seed) => `${seed.repeat(REGEX_TEXT_LIMIT).slice(0, REGEX_TEXT_LIMIT - 1)}\u0000`);
  try {
    new Script('const regex = new RegExp(pattern, options); for (const text of texts) regex.test(text);').runInContext(
      createContext({ pattern, options, texts }),
      { timeout: PATIENCE_MS },
    );
    return false;
  } catch {
    return true;
  }
};
