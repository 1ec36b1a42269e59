import { domainToASCII, domainToUnicode } from 'node:url';
import { escaped, folded, readingsOf, withoutMatches } from './reading.ts';

/*
 * Finding one person in texts of any kind, and removing them.
 */

/** Stands in place of what was erased. */
export const ERASED = '(erased)';

export type Person = {
  /** The canonical form of all its spellings: lower case, NFKC, the domain in Unicode rather than as `xn--`. */
  readonly address: string;
  /** Its form in plain ASCII text without escapes, in lower case; empty where it has none. */
  readonly spellings: readonly string[];
  /** Whether a text from a file or table names the person, however the address is spelt or escaped. */
  isIn(text: string): boolean;
  /** Whether a value is the person's address and holds no other; `Ann <ann@example.com>` counts too. */
  isTheirs(value: unknown): boolean;
  /** A text with ERASED in place of the address. */
  without(text: string): string;
};

const ASCII = /^[\x20-\x7e]+$/;
/** The A-label form of a domain or label (RFC 5890); ASCII stays as it is, which keeps numbers from becoming IP addresses. */
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
  // Not as part of somebody else's address: `ann@b.co` does not hold `nn@b.co`. Quotes and dots may precede it.
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

/** Fields of a webhook that are kept: ids, kinds and times, which say what was done but not for whom. */
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

/** The fields of a webhook's data that are not personal; an id that holds the person's address is personal. */
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

/** The value with every text in it changed, except field names. What nests deeper than a hundred levels is dropped. */
export const mapTexts = (value: Json, change: (text: string) => string, levels = 100): Json => {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return ERASED;
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mapTexts(field, change, levels - 1)]));
};

/**
 * Somebody else's data without the person: applies `change` to every text, and erases all texts of a list entry that holds
 * their address, such as a guest's.
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
