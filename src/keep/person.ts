/*
 * Finding one person in texts of any kind, and taking them out.
 */

/** What stands where something of a person was. */
export const ERASED = '(erased)';

export type Person = {
  /** In lower case, without spaces around. */
  readonly address: string;
  /** The ways to spell it that a store can look for, in lower case. */
  readonly spellings: readonly string[];
  /** Whether a text, as it stands in a file or a table, names the person: plain, escaped as JSON or HTML, or as in a URL. */
  isIn(text: string): boolean;
  /** A text with the address taken out. */
  without(text: string): string;
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

export const personOf = (given: string): Person => {
  const address = given.trim().toLowerCase();
  const inUrl = encodeURIComponent(address).toLowerCase();
  const spellings = [...new Set([address, inUrl, inUrl.replaceAll("'", '%27'), address.replace('@', '%40')])];
  // Part of somebody else's address is nobody's: `ann@b.co` does not hold `nn@b.co`. In a URL a letter may end an escape.
  const pattern = `(?:(?<![\\p{L}\\p{N}._%+'-])|(?<=%[0-9a-f]{2}))(?:${spellings.map(escaped).join('|')})(?![\\p{L}\\p{N}_-]|\\.[\\p{L}\\p{N}])`;
  const holds = new RegExp(pattern, 'iu');
  const each = new RegExp(pattern, 'giu');
  return {
    address,
    spellings,
    isIn: (text) => readings(text).some((reading) => holds.test(reading)),
    without: (text) => text.replace(each, ERASED),
  };
};

const fromCode = (digits: string, radix: number): string => {
  const code = Number.parseInt(digits, radix);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
};

/** A text as it is, and where it has escapes, as it reads without them. */
const readings = (text: string): string[] => [
  text,
  ...(text.includes('\\u') ? [text.replace(/\\u([0-9a-f]{4})/gi, (_, digits: string) => fromCode(digits, 16))] : []),
  ...(text.includes('&#')
    ? [
        text
          .replace(/&#x([0-9a-f]{1,6});/gi, (_, digits: string) => fromCode(digits, 16))
          .replace(/&#(\d{1,7});/g, (_, digits: string) => fromCode(digits, 10)),
      ]
    : []),
];

/** What stays of somebody's webhook: ids, kinds and times, which say what was done but not for whom. */
const IMPERSONAL = new Set([
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
const isFields = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

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

/** Shorter words are in every text. */
const SHORTEST = 3;

/** All texts of a person's data that are theirs: names, phones, answers. Longest first, so that none is cut short. */
export const wordsOf = (data: Json): string[] => {
  const words = new Set<string>();
  const gather = (value: Json, levels: number): void => {
    if (typeof value === 'string') {
      const word = value.trim();
      if (word.length >= SHORTEST && /[\p{L}\p{N}]/u.test(word)) words.add(word);
    } else if (typeof value === 'object' && value !== null && levels > 0) {
      for (const [name, field] of Object.entries(value)) if (!IMPERSONAL.has(name)) gather(field, levels - 1);
    }
  };
  gather(data, 20);
  return [...words].sort((a, b) => b.length - a.length);
};

/** A text without the person's address and words. Words count where they stand alone, not as part of others. */
export const scrubber = (person: Person, words: readonly string[]): ((text: string) => string) => {
  const pattern = words
    .filter((word) => word.length <= 200)
    .slice(0, 500)
    .map(escaped)
    .join('|');
  const each = pattern ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, 'giu') : undefined;
  const long = words.filter((word) => word.length > 200);
  return (text) => {
    const short = each ? person.without(text).replace(each, ERASED) : person.without(text);
    return long.reduce((left, word) => left.replaceAll(word, ERASED), short);
  };
};

/** The same value with each text in it changed, but for the names of fields. Deeper than a hundred levels nothing is kept. */
export const mapTexts = (value: Json, change: (text: string) => string, levels = 100): Json => {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return ERASED;
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mapTexts(field, change, levels - 1)]));
};

/**
 * Somebody else's data without the person: their address wherever it stands, and in a list of people, as of guests, all
 * texts of the entry that has it.
 */
export const withoutGuest = (value: Json, person: Person, levels = 100): Json => {
  if (levels === 0) return ERASED;
  if (Array.isArray(value)) {
    return value.map((each) => {
      const theirs =
        isFields(each) && Object.values(each).some((field) => typeof field === 'string' && person.isIn(field));
      return theirs ? mapTexts(impersonalOrErased(each), person.without) : withoutGuest(each, person, levels - 1);
    });
  }
  if (typeof value === 'string') return person.without(value);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [person.without(name), withoutGuest(field, person, levels - 1)]),
  );
};

const impersonalOrErased = (entry: Fields): Fields =>
  Object.fromEntries(Object.entries(entry).map(([name, field]) => [name, IMPERSONAL.has(name) ? field : ERASED]));
