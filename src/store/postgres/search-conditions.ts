import type { SearchQuery } from '../../core/search-query.ts';
import { keysAskedBy } from '../resource-keys.ts';
import { partsOf } from '../search-text.ts';

/** A search as SQL conditions on `resource r`, with the values of their parameters. */
export type SearchConditions = {
  /** For words and filters. Takes few distinct forms, since each connection prepares each of them. */
  readonly fits: string;
  /** For the span of starts. */
  readonly within: string;
  readonly values: readonly unknown[];
  /** Whether there are no words or filters, so that `fits` is always true. */
  readonly anything: boolean;
  /** Whether only resources with a known start can match. */
  readonly dated: boolean;
};

/** Only the longest parts are looked up in the index; the rows found are then checked for the others. */
const MOST_LOOKED_UP = 6;
/** Characters of a part that are looked up: hardly any text contains these and not the rest. */
const LONGEST_LOOKED_UP = 40;
/** Mail addresses at providers that half of all people use: looking up their domain would take most of the search's time. */
const AT_A_LARGE_PROVIDER =
  /^(.{3,}@)(?:gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|aol|gmx|web|proton|protonmail|mail)\.[a-z.]+$/u;

/** Translates a search; undefined if nothing can match. */
export const conditionsOf = (query: SearchQuery): SearchConditions | undefined => {
  const keys = keysAskedBy(query);
  const parts = partsOf(query.words);
  const fits: string[] = [];
  const values: unknown[] = [];
  const add = (conditions: string[], condition: (parameter: string) => string, value: unknown): void => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };

  const lookedUp = parts.toSorted((a, b) => b.length - a.length).slice(0, MOST_LOOKED_UP);
  for (const part of lookedUp) add(fits, (its) => `r.search_text LIKE ${its}`, patternOf(selectiveOf(part)));
  const rest = parts.filter((part) => !lookedUp.includes(part) || selectiveOf(part) !== part);
  if (rest.length > 0) {
    add(
      fits,
      (its) => `NOT EXISTS (SELECT FROM unnest(${its}::text[]) part WHERE strpos(r.search_text, part) = 0)`,
      rest,
    );
  }
  if (keys.status !== undefined) add(fits, (its) => `r.status_key = ${its}`, keys.status);
  if (keys.schedule !== undefined) add(fits, (its) => `digest_of(r.schedule_id) = digest_of(${its})`, keys.schedule);
  if (keys.kind !== undefined) add(fits, (its) => `r.kind_key = ${its}`, keys.kind);
  if (keys.type !== undefined) add(fits, (its) => `r.type_key = ${its}`, keys.type);

  const { from, to } = query;
  const dated = from !== undefined || to !== undefined;
  if (from !== undefined && to !== undefined && from >= to) return undefined;
  // Words that are all too short to search for match nothing, rather than everything.
  if (fits.length === 0 && !dated && query.words.trim() !== '') return undefined;
  const within: string[] = [];
  if (from !== undefined) add(within, (its) => `r.starts_at >= ${its}`, wholeAbove(from));
  if (to !== undefined) add(within, (its) => `r.starts_at < ${its}`, wholeAbove(to));
  return {
    fits: fits.join(' AND ') || 'true',
    within: within.join(' AND ') || 'true',
    values,
    anything: fits.length === 0,
    dated,
  };
};

/** Starts are whole milliseconds: one is below `bound` exactly if it is below the next whole number. */
const wholeAbove = (bound: number): number =>
  Math.min(Math.max(Math.ceil(bound), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);

/** The selective beginning of a part, which is looked up in the index. */
const selectiveOf = (part: string): string => {
  const [, name = part] = AT_A_LARGE_PROVIDER.exec(part) ?? [];
  return [...name].slice(0, LONGEST_LOOKED_UP).join('');
};

/** A LIKE pattern for a text at any position. */
const patternOf = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
