/** A piece of a typed search: `name:value` where it looks like a filter, else a word. */
export type Token = {
  /** What stands before the colon; null for a word, and for all that is quoted from its beginning. */
  readonly name: string | null;
  /** What stands behind it; empty for a word. */
  readonly value: string;
  /** All of it, without quotes. */
  readonly written: string;
};

/** Phones and word processors put in their own. */
const QUOTES = '"“”„«»';
const PIECE = new RegExp(`(?:[${QUOTES}][^${QUOTES}]*[${QUOTES}]|[^\\s])+`, 'gu');
const QUOTE = new RegExp(`[${QUOTES}]`, 'gu');
const NAMED = /^(-?[\p{L}-]+):(.*)$/su;

/** The pieces of a search: split at spaces, except within double quotes. A quote without its other half is passed over. */
export const tokens = (text: string): Token[] =>
  [...text.matchAll(PIECE)].flatMap(([piece]): Token[] => {
    const written = bare(piece);
    const named = NAMED.exec(piece);
    if (!named) return written === '' ? [] : [{ name: null, value: '', written }];
    const [, name = '', value = ''] = named;
    return [{ name, value: bare(value), written }];
  });

const bare = (text: string): string => text.replace(QUOTE, '').replace(/\s+/g, ' ').trim();

/** Whether a word has to be quoted to be taken for one. */
export const looksLikeFilter = (word: string): boolean => NAMED.test(word);
