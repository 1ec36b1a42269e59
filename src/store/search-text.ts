import type { Resource } from '../core/resource.ts';

/*
 * What resources are found by, and how words are looked for in it: the same for every store.
 */

/** Letters that Unicode does not split into a base letter and a mark, as people type them without; and their forms. */
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
  // A sigma at the end of a word; asked for by its beginning, the word ends elsewhere.
  ς: 'σ',
};

/** Text without case and accents, so that `Łukasz Müller` is found by `lukasz muller`. */
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

/** What a resource is found by: name, address, ids, title, phone. A leading space marks where the first word starts. */
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
 * What the text has to contain for words that must all be there. The stores' indexes know pieces of three characters, so a word
 * of two letters is looked for at the start of words, and one of a single letter is passed over.
 */
export const partsOf = (words: string): readonly string[] => {
  const folded = new Set(fold(words).split(' '));
  return [...folded].filter((word) => [...word].length > 1).map((word) => ([...word].length === 2 ? ` ${word}` : word));
};

/** The pieces of three characters that a part is made of, as an index cuts them. */
export const trigramsOf = (part: string): string[] => {
  const characters = [...part];
  return characters.slice(2).map((_, index) => characters.slice(index, index + 3).join(''));
};
