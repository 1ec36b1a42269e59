import type { Resource } from '../../core/resource.ts';

/** Letters that Unicode does not split into a base letter and a mark, as people type them without. */
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
};

/** Text without case and accents, so that `Łukasz Müller` is found by `lukasz muller`. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[łøđðþßæœıħ]/g, (letter) => LETTERS[letter] ?? letter)
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
 * The FTS5 expression for words that must all be there. Pieces are three characters long, so a word of two letters is
 * looked for at the start of words and one of a single letter is passed over; undefined where nothing is left.
 */
export const matchExpression = (words: string): string | undefined => {
  const folded = fold(words).split(' ').filter(Boolean);
  const pieces = folded
    .filter((word) => [...word].length > 1)
    .map((word) => ([...word].length === 2 ? ` ${word}` : word));
  return pieces.length === 0 ? undefined : pieces.map((piece) => `"${piece.replaceAll('"', '""')}"`).join(' AND ');
};
