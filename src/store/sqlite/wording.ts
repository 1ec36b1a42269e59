import type { Resource } from '../../core/resource.ts';
import { partsOf, searchText, trigramsOf } from '../search-text.ts';
import type { Database } from './database.ts';
import { textTerm } from './search-term.ts';

/** How words are looked for. */
export type Wording = {
  /** The FTS5 expression. */
  readonly term: string;
  /** Present where another one is quicker, and finds too much: what has to be asked of each resource in addition. */
  readonly rough?: { readonly term: string; readonly fits: (resource: Resource) => boolean };
};

/** As many as are quick to intersect, and enough to leave next to nothing to be read in vain. */
const MOST_TRIGRAMS = 6;
/** However long the question, no more are weighed. */
const MOST_WEIGHED = 60;

/**
 * Long words are found by their rarest pieces. An address is made of two dozen of them, and the index would step through
 * all of their lists, `gma` `mai` `ail` among them, to find one that a few tell apart; what these few find is then
 * compared with the text itself.
 */
export const wordings = (database: Database) => {
  // The further back the hundredth newest resource with a piece, the rarer it is.
  const hundredth = database.prepare<{ seq: number }>(
    `SELECT rowid AS seq FROM resource_search WHERE resource_search MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET 99`,
  );

  /** The rarest of each part, then the second of each, and so on: each word has to narrow it down. */
  const telling = (parts: readonly string[]): string[] => {
    const weighed = [...new Set(parts.flatMap(trigramsOf))]
      .slice(0, MOST_WEIGHED)
      .map((trigram) => ({ trigram, seq: hundredth.get(textTerm([trigram]))?.seq ?? 0 }))
      .sort((a, b) => a.seq - b.seq)
      .map(({ trigram }) => trigram);
    const ofParts = parts.map((part) => weighed.filter((trigram) => part.includes(trigram)));
    const rounds = Array.from({ length: MOST_TRIGRAMS }, (_, round) =>
      ofParts.flatMap((own) => own.slice(round, round + 1)),
    );
    const chosen = new Set([...new Set(rounds.flat())].slice(0, MOST_TRIGRAMS));
    return weighed.filter((trigram) => chosen.has(trigram));
  };

  /** undefined where nothing is left to look for. */
  return (words: string): Wording | undefined => {
    const parts = partsOf(words);
    if (parts.length === 0) return undefined;
    const trigrams = [...new Set(parts.flatMap(trigramsOf))];
    const term = textTerm(parts);
    if (trigrams.length <= MOST_TRIGRAMS) return { term };
    const fits = (resource: Resource): boolean => {
      const text = searchText(resource);
      return parts.every((part) => text.includes(part));
    };
    return { term, rough: { term: textTerm(telling(parts)), fits } };
  };
};
