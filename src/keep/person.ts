import { domainToASCII, domainToUnicode } from 'node:url';
import { escaped, folded, readingsOf, withoutMatches } from './reading.ts';

/*
 * Finding one person in texts of any kind, and taking them out.
 */

/** What stands where something of a person was. */
export const ERASED = '(erased)';

export type Person = {
  /** In the one form that all spellings share: lower case, NFKC, its domain in letters and not as `xn--`. */
  readonly address: string;
  /** How it stands, in lower case, in texts of nothing but ASCII without escapes; empty where it can't stand in those. */
  readonly spellings: readonly string[];
  /** Whether a text, as it stands in a file or a table, names the person, however it is spelt or escaped. */
  isIn(text: string): boolean;
  /** Whether a value is the person's address and nobody else's, as in `Ann <ann@example.com>` too. */
  isTheirs(value: unknown): boolean;
  /** A text with the address taken out. */
  without(text: string): string;
};

const ASCII = /^[\x20-\x7e]+$/;
/** A domain, or a part of one, as mail servers know it (RFC 5890); what is ASCII already stays, as numbers do. */
const inAscii = (domain: string): string => (ASCII.test(domain) ? domain : domainToASCII(domain) || domain);

export const personOf = (given: string): Person => {
  const plain = folded(given.trim());
  const at = plain.lastIndexOf('@');
  const local = plain.slice(0, at);
  const ascii = inAscii(plain.slice(at + 1));
  const domain = ascii.includes('xn--') ? folded(domainToUnicode(ascii) || ascii) : ascii;
  const address = `${local}@${domain}`;
  const labels = domain.split('.').map((label) => {
    return `(?:${[...new Set([label, inAscii(label)])].map(escaped).join('|')})`;
  });
  // Part of somebody else's address is nobody's: `ann@b.co` does not hold `nn@b.co`. Quotes and dots may stand before one.
  const before = "(?<![\\p{L}\\p{N}_+-]|[\\p{L}\\p{N}_+-][.'%]+)";
  const pattern = `${before}${escaped(local)}@${labels.join('[.\\u3002]')}(?![\\p{L}\\p{N}]|(?:\\.|-+)[\\p{L}\\p{N}])`;
  const holds = new RegExp(pattern, 'u');
  const each = new RegExp(pattern, 'gu');
  const isIn = (text: string): boolean =>
    readingsOf(text).some((reading) => reading.includes(`${local}@`) && holds.test(reading));
  const without = (text: string): string => (isIn(text) ? withoutMatches(text, each, ERASED) : text);
  return {
    address,
    spellings: ASCII.test(local) ? [`${local}@${ascii}`] : [],
    isIn,
    without,
    isTheirs: (value) => typeof value === 'string' && isIn(value) && !folded(without(value)).includes('@'),
  };
};

/** What stays of somebody's webhook: ids, kinds and times, which say what was done but not for whom. */
export const IMPERSONAL: ReadonlySet<string> = new Set([
  'id',
  'type',
  'created_at',
  'status',
  'schedule_id',
  'event_id',
  'booking_id',
  'start_time',
  'end_time',
  'start_date',
  'end_date',
  'timezone',
]);

type Json = unknown;
type Fields = Readonly<Record<string, Json>>;
export const isFields = (value: Json): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is not personal of a webhook's data. An id that is the person's own word is none. */
export const impersonal = (data: Json, person: Person): Fields =>
  isFields(data)
    ? Object.fromEntries(
        Object.entries(data).filter(
          ([name, value]) =>
            IMPERSONAL.has(name) &&
            (typeof value === 'number' || (typeof value === 'string' && value.length <= 100 && !person.isIn(value))),
        ),
      )
    : {};

/** The same value with each text in it changed, but for the names of fields. Deeper than a hundred levels nothing is kept. */
export const mapTexts = (value: Json, change: (text: string) => string, levels = 100): Json => {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return ERASED;
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mapTexts(field, change, levels - 1)]));
};

/**
 * Somebody else's data without the person: of each text what `change` leaves, and of an entry in a list that has their
 * address, as among guests, no text at all.
 */
export const withoutGuest = (value: Json, person: Person, change = person.without, levels = 100): Json => {
  if (levels === 0) return ERASED;
  if (Array.isArray(value)) {
    return value.map((each) => {
      const theirs =
        isFields(each) && Object.values(each).some((field) => typeof field === 'string' && person.isIn(field));
      return theirs ? mapTexts(impersonalOrErased(each), change) : withoutGuest(each, person, change, levels - 1);
    });
  }
  if (typeof value === 'string') return change(value);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      person.without(name),
      withoutGuest(field, person, change, levels - 1),
    ]),
  );
};

const impersonalOrErased = (entry: Fields): Fields =>
  Object.fromEntries(Object.entries(entry).map(([name, field]) => [name, IMPERSONAL.has(name) ? field : ERASED]));
