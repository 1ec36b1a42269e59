/** A piece of a typed search: `name:value` where it looks like a filter, else a word. */
export type Token = {
  /** What stands before the colon; null for a word, and for all that is quoted from its beginning. */
  readonly name: string | null;
  /** What stands behind it; empty for a word. */
  readonly value: string;
  /** All of it, without quotes. */
  readonly written: string;
  /** All of it as it was typed. */
  readonly typed: string;
};

/** Phones and word processors put in their own. */
const QUOTES = '"“”„«»';
const PIECE = new RegExp(`(?:[${QUOTES}][^${QUOTES}]*[${QUOTES}]|[^\\s])+`, 'gu');
const QUOTE = new RegExp(`[${QUOTES}]`, 'gu');
const NAMED = /^(-?[\p{L}-]+):(.*)$/su;

/** The pieces of a search: split at spaces, except within double quotes. A quote without its other half is passed over. */
export const tokens = (text: string): Token[] =>
  [...text.matchAll(PIECE)].flatMap(([typed]): Token[] => {
    const written = bare(typed);
    const named = NAMED.exec(typed);
    if (!named) return written === '' ? [] : [{ name: null, value: '', written, typed }];
    const [, name = '', value = ''] = named;
    return [{ name, value: bare(value), written, typed }];
  });

const bare = (text: string): string => text.replace(QUOTE, '').replace(/\s+/g, ' ').trim();

/** A word as it has to be typed to be taken for one. */
export const writeWord = (word: string): string => (looksLikeFilter(word) ? `"${word}"` : word);

/** A filter as it has to be typed. */
export const writeFilter = (name: string, value: string): string =>
  `${name}:${/\s/.test(value) ? `"${value}"` : value}`;

/** Whether a word has to be quoted to be taken for one. */
const looksLikeFilter = (word: string): boolean => NAMED.test(word);
