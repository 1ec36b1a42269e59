import type { Resource } from '../core/resource.ts';

/*
 * The text that resources are found by, and how the words of a search match it: the same in every store.
 */

/** Letters that Unicode does not decompose into a base letter and a mark, and how people type them without one. */
const LETTERS: Readonly<Record<string, string>> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  ħ: 'h',
  // The sigma at the end of a word: a search for the beginning of that word may end in the other form.
  ς: 'σ',
};

/** Removes case and accents, so that `lukasz muller` finds `Łukasz Müller`. */
export const fold = (text: string): string =>
  text
    .toWellFormed()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[łøđðþßæœıħς]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The folded text of a resource: name, address, ids, title, phone. Words are delimited by spaces, the outer ones too. */
export const searchText = (resource: Resource): string =>
  ` ${fold(
    [
      resource.attendeeName,
      resource.attendeeEmail,
      resource.title,
      resource.id,
      resource.scheduleId,
      resource.eventId,
      text(resource.data.attendee_phone),
    ]
      .filter(Boolean)
      .join(' '),
  )} `;

/**
 * The strings that a resource's search text has to contain, all of them. The stores index trigrams, so a word of two letters
 * is searched for at the start of words only (with the space before it), and a single letter is ignored.
 */
export const partsOf = (words: string): readonly string[] => {
  const folded = new Set(fold(words).split(' '));
  return [...folded].filter((word) => [...word].length > 1).map((word) => ([...word].length === 2 ? ` ${word}` : word));
};

/** The trigrams of a part. */
export const trigramsOf = (part: string): string[] => {
  const characters = [...part];
  return characters.slice(2).map((_, index) => characters.slice(index, index + 3).join(''));
};
