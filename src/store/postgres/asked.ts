import type { SearchQuery } from '../../core/search-query.ts';
import { keysAskedBy } from '../resource-keys.ts';
import { partsOf } from '../search-text.ts';

/** A search as conditions on `resource r`, with the values of their parameters. */
export type Asked = {
  /** Of words and filters. Few different texts whatever is asked, since each connection prepares each of them. */
  readonly fits: string;
  /** Of the span of starts. */
  readonly within: string;
  readonly values: readonly unknown[];
  /** Whether all that have a start within the span fit. */
  readonly anything: boolean;
  /** Whether only what has a known start is asked for. */
  readonly dated: boolean;
};

/** As many parts of words are looked up, the longest; what they find is then compared with all of the words. */
const MOST_LOOKED_UP = 6;
/** Characters of a part that are looked up: hardly any text has more of it and not the rest. */
const LONGEST_LOOKED_UP = 40;
/** Addresses of which half of all people have the end: to look that up takes many times as long as all the rest. */
const AT_A_LARGE_PROVIDER =
  /^(.{3,}@)(?:gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|aol|gmx|web|proton|protonmail|mail)\.[a-z.]+$/u;

/** undefined where nothing can be found. */
export const askedBy = (query: SearchQuery): Asked | undefined => {
  const keys = keysAskedBy(query);
  const parts = partsOf(query.words);
  const fits: string[] = [];
  const values: unknown[] = [];
  const add = (conditions: string[], condition: (parameter: string) => string, value: unknown): void => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };

  const lookedUp = parts.toSorted((a, b) => b.length - a.length).slice(0, MOST_LOOKED_UP);
  for (const part of lookedUp) add(fits, (its) => `r.search_text LIKE ${its}`, patternOf(tellingOf(part)));
  const rest = parts.filter((part) => !lookedUp.includes(part) || tellingOf(part) !== part);
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
  // Words of which nothing is left to look for find nothing, rather than everything.
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

/** Times are whole milliseconds: one is below `bound` exactly where it is below the next whole number. */
const wholeAbove = (bound: number): number =>
  Math.min(Math.max(Math.ceil(bound), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);

/** As much of a part as is looked up. */
const tellingOf = (part: string): string => {
  const [, name = part] = AT_A_LARGE_PROVIDER.exec(part) ?? [];
  return [...name].slice(0, LONGEST_LOOKED_UP).join('');
};

/** What LIKE finds a text by, wherever it stands. */
const patternOf = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
