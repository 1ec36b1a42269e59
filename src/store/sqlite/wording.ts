import type { Resource } from '../../core/resource.ts';
import { partsOf, searchText, trigramsOf } from '../search-text.ts';
import type { Database } from './database.ts';
import { textTerm } from './search-term.ts';

/** How words are searched for. */
export type Wording = {
  /** The FTS5 expression. */
  readonly term: string;
  /** Where present, a quicker expression that also matches resources which `fits` then rejects. */
  readonly rough?: { readonly term: string; readonly fits: (resource: Resource) => boolean };
};

/** Few enough to be intersected quickly, and enough to leave hardly any false matches. */
const MOST_TRIGRAMS = 6;
/** However long the words, the rarity of no more trigrams is looked up. */
const MOST_WEIGHED = 60;

/**
 * Long words are searched for by their rarest trigrams. An address consists of two dozen, and the index would step through
 * the lists of all of them, `gma` `mai` `ail` included, though a few identify it. What those few match is then compared with
 * the text itself.
 */
export const wordings = (database: Database) => {
  // The further back the hundredth newest resource with a trigram, the rarer the trigram.
  const hundredth = database.prepare<{ seq: number }>(
    `SELECT rowid AS seq FROM resource_search WHERE resource_search MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET 99`,
  );

  /** The rarest trigram of each word, then the second rarest of each, and so on: every word has to narrow the search. */
  const rarestOf = (parts: readonly string[]): string[] => {
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

  /** undefined where the words leave nothing to search for. */
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
    return { term, rough: { term: textTerm(rarestOf(parts)), fits } };
  };
};
