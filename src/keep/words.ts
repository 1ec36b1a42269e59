import { ERASED, IMPERSONAL, isFields, type Person } from './person.ts';
import { escaped, folded, readingsOf, withoutMatches } from './reading.ts';

/** Shorter words occur in every text. */
const SHORTEST = 3;

/** Without repetitions, and the longest first, so that no word is cut short by another that it contains. */
export const longestFirst = (words: Iterable<string>): string[] =>
  [...new Set(words)].sort((a, b) => b.length - a.length);

const wordOf = (value: unknown): string[] => {
  const word = typeof value === 'string' ? value.trim() : '';
  return word.length >= SHORTEST && /[\p{L}\p{N}]/u.test(word) ? [word] : [];
};

/** All texts in a person's data that are personal: names, phone numbers, answers. Longest first. */
export const wordsOf = (data: unknown): string[] => {
  const words = new Set<string>();
  const gather = (value: unknown, levels: number): void => {
    for (const word of wordOf(value)) words.add(word);
    if (typeof value !== 'object' || value === null || levels === 0) return;
    for (const [name, field] of Object.entries(value)) if (!IMPERSONAL.has(name)) gather(field, levels - 1);
  };
  gather(data, 20);
  return longestFirst(words);
};

const NAMES = /^(?:attendee_|guest_|full_?|first_?|last_?)?name$|phone|mobile/i;

/** The names and phone numbers among the fields of a person's data, or of their entry in a list. Longest first. */
export const namesOf = (data: unknown): string[] =>
  isFields(data)
    ? longestFirst(Object.entries(data).flatMap(([name, value]) => (NAMES.test(name) ? wordOf(value) : [])))
    : [];

/** The names and phone numbers beside the person's address in somebody else's data, as in a list of guests. */
export const namesBeside = (value: unknown, person: Person, levels = 20): string[] => {
  if (typeof value !== 'object' || value === null || levels === 0) return [];
  const own =
    isFields(value) && Object.entries(value).some(([name, field]) => isMailField(name) && person.isTheirs(field));
  return longestFirst([
    ...(own ? namesOf(value) : []),
    ...Object.values(value).flatMap((field) => namesBeside(field, person, levels - 1)),
  ]);
};

const isMailField = (name: string): boolean => /^(?:guest_)?e?-?mail/i.test(name);

const digitsOf = (text: string): string => text.replace(/\D/g, '');
const isPhone = (word: string): boolean =>
  /^\+?[\d\s()./-]+$/.test(word) && digitsOf(word).length >= 7 && !/^\d{4}-\d\d-\d\d/.test(word);

/** Whether a word identifies the person anywhere: a name of two words or more, a number of seven digits or more. */
const isIdentifying = (word: string): boolean => isPhone(word) || /\p{L}\S*\s+\S*\p{L}/u.test(word);

/** Whether hardly anybody else has this word: one that identifies the person, or a long one. */
export const isRare = (word: string): boolean => isIdentifying(word) || word.length >= 10;

/** A phone number matches however its digits are grouped. */
const patternOf = (word: string): string =>
  isPhone(word) ? `\\+?${[...digitsOf(word)].join('[\\s()./-]*')}` : escaped(folded(word));

/** Removes the person's address and words from a text; words only where they stand alone, not as part of others. */
export const scrubber = (person: Person, words: readonly string[]): ((text: string) => string) => {
  const known = words.map((word) => ({
    pattern: patternOf(word),
    digits: isPhone(word) ? digitsOf(word) : '',
    key: folded(word),
  }));
  const compiled = new Map<string, RegExp>();
  const alone = (any: string): RegExp => {
    const pattern = compiled.get(any) ?? new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, 'gu');
    if (compiled.size < 1_000) compiled.set(any, pattern);
    return pattern;
  };
  return (text) => {
    const left = person.without(text);
    const readings = readingsOf(left);
    const numbers = readings.map(digitsOf);
    // There may be thousands of words, of which hardly any occur in one text.
    const here = known.filter(({ digits, key }) =>
      digits ? numbers.some((number) => number.includes(digits)) : key && readings.some((read) => read.includes(key)),
    );
    if (here.length === 0) return left;
    return withoutMatches(left, alone(here.map(({ pattern }) => pattern).join('|')), ERASED);
  };
};

/**
 * For texts about other people: removes the person's names from texts that hold the address, and names that identify the
 * person by themselves from every text.
 */
export const scrubberOfOthers = (person: Person, names: readonly string[]): ((text: string) => string) => {
  const beside = scrubber(person, names);
  const anywhere = scrubber(person, names.filter(isIdentifying));
  return (text) => (person.isIn(text) ? beside(text) : anywhere(text));
};

/** Whether a file is named after the person: its name holds their address or one of their names. */
export const isNamedAfter = (file: string, person: Person, names: readonly string[]): boolean => {
  if (person.isIn(file)) return true;
  const parts = ` ${tokensOf(file).join(' ')} `;
  return [person.address, ...names].some((name) => {
    const tokens = tokensOf(name);
    return tokens.join('').length >= SHORTEST && parts.includes(` ${tokens.join(' ')} `);
  });
};

/** The words of a name, folded and without accents, whatever stands between them. */
const tokensOf = (text: string): string[] =>
  folded(text)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
