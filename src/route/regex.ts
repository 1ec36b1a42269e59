import { createContext, Script } from 'node:vm';
import { messageOf } from '../core/errors.ts';

/** Only so much of a text is matched, so that what a sender writes can't make a pattern slow. */
export const REGEX_TEXT_LIMIT = 2000;

/** Tests the first REGEX_TEXT_LIMIT characters of a text. */
export type TextTest = (text: string) => boolean;

/** Compiles `$regex` and `$options`, or says what is wrong with them. */
export const compileRegex = (pattern: string, options = ''): { test: TextTest } | { problem: string } => {
  if (!/^[imsu]*$/.test(options)) return { problem: `$options takes the letters i, m, s and u, not "${options}"` };
  let regex: RegExp;
  try {
    regex = new RegExp(pattern, options);
  } catch (error) {
    return { problem: `$regex "${pattern}" is no regular expression: ${messageOf(error)}` };
  }
  return { test: (text) => regex.test(text.slice(0, REGEX_TEXT_LIMIT)) };
};

/** Far longer than any text takes that a useful pattern is tried on, and short enough to wait for. */
const PATIENCE_MS = 1000;

/**
 * Whether a compiled pattern can take seconds on a text somebody might send, like `(a+)+$` does. Found out by trying it
 * on runs of the characters it is made of, each trial stopped after a while, so only for when rules are loaded.
 */
export const canHang = (pattern: string, options = ''): boolean => {
  const characters = new Set([...pattern.replace(/[\\^$.|?*+()[\]{}]/g, ''), 'a', '0', ' ', '@', '.'].slice(0, 40));
  const texts = [...characters].map((character) => `${character.repeat(REGEX_TEXT_LIMIT - 1)}\u0000`);
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
