/** A piece of a typed search: `name:value` where it looks like a filter, else a word. */
export type Token = {
  /** What stands before the colon; null for a word, and for anything that begins with a quote. */
  readonly name: string | null;
  /** What stands after the colon; empty for a word. */
  readonly value: string;
  /** The whole piece without quotes. */
  readonly written: string;
  /** The whole piece as typed. */
  readonly typed: string;
};

/** Phones and word processors insert typographic quotes. */
const QUOTES = '"“”„«»';
const PIECE = new RegExp(`(?:[${QUOTES}][^${QUOTES}]*[${QUOTES}]|[^\\s])+`, 'gu');
const QUOTE = new RegExp(`[${QUOTES}]`, 'gu');
const NAMED = /^(-?[\p{L}-]+):(.*)$/su;

/** Splits a search at spaces, except within double quotes. An unmatched quote is ignored. */
export const tokens = (text: string): Token[] =>
  [...text.matchAll(PIECE)].flatMap(([typed]): Token[] => {
    const written = bare(typed);
    const named = NAMED.exec(typed);
    if (!named) return written === '' ? [] : [{ name: null, value: '', written, typed }];
    const [, name = '', value = ''] = named;
    return [{ name, value: bare(value), written, typed }];
  });

const bare = (text: string): string => text.replace(QUOTE, '').replace(/\s+/g, ' ').trim();

/** Writes a word so that it is read as a word: quoted if it looks like a filter. */
export const writeWord = (word: string): string => (looksLikeFilter(word) ? `"${word}"` : word);

/** Writes a filter, its value quoted if it has spaces. */
export const writeFilter = (name: string, value: string): string =>
  `${name}:${/\s/.test(value) ? `"${value}"` : value}`;

const looksLikeFilter = (word: string): boolean => NAMED.test(word);
