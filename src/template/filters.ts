import type { FilterImplOptions } from 'liquidjs';
import { INVISIBLE } from './invisible.ts';
import { momentFilters } from './moment-filters.ts';

/** Text of a field that should be text; lists, objects and nothing are empty. */
const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** Western words with one space between them, as most data is; looking for all of Unicode costs several times as much. */
const SIMPLE = /^[!-~\u00ae-\u017f\u2013]+(?: [!-~\u00ae-\u017f\u2013]+)*$/;

/** Whether text is one line as it stands, with nothing that would have to be taken out of it. */
export const isSimpleLine = (value: unknown): value is string => typeof value === 'string' && SIMPLE.test(value);

/** One line of text: line breaks, control and direction characters become spaces, and runs of space one. */
export const oneLine = (value: unknown): string =>
  isSimpleLine(value)
    ? value
    : textOf(value)
        .toWellFormed()
        .replace(INVISIBLE, ' ')
        .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
        .trim();

/** Text over several lines, as somebody typed it into a form, without its control and direction characters. */
const lines = (value: unknown, before: unknown = ''): string =>
  textOf(value)
    .toWellFormed()
    .trimEnd()
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.replace(INVISIBLE, ' ').replace(/\p{Cc}+/gu, ' '))
    .map((line) => `${textOf(before)}${line}`.trimEnd())
    .join('\n');

/** At most so many characters as people count them, the last a `…` where some were left out. */
export const shorten = (value: unknown, most: unknown = 100): string => {
  const text = textOf(value);
  const limit = typeof most === 'number' && most >= 1 ? Math.trunc(most) : 100;
  if (text.length <= limit) return text;
  // No more of a megabyte is looked at than can be needed: a character with more than 20 code units is no character.
  const looked = text.slice(0, limit * 20);
  const characters = Array.from(new Intl.Segmenter().segment(looked), (part) => part.segment);
  if (looked === text && characters.length <= limit) return text;
  const kept = characters.slice(0, limit - 1).join('');
  return `${kept.trimEnd()}…`;
};

/**
 * A name to greet somebody by: one line, shortened, and empty where it looks like a link or an address, for whoever books
 * with a stranger's address can write a message to them in place of a name.
 */
const person = (value: unknown): string => {
  const name = oneLine(value);
  return /:\/\/|@|www\.|[\p{L}\d]\.[a-z]{2,}/u.test(name) ? '' : shorten(name, 60);
};

/** The filters every template has besides Liquid's own. */
export const filters: Readonly<Record<string, FilterImplOptions>> = {
  ...momentFilters,
  one_line: oneLine,
  lines,
  shorten,
  person,
};
