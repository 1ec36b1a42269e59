import { nearName } from './near-name.ts';
import { type Token, writeFilter, writeWord } from './search-tokens.ts';

export const SEARCH_FILTERS = ['status', 'schedule', 'type', 'after', 'before'] as const;
export type SearchFilter = (typeof SEARCH_FILTERS)[number];

/** What is wrong with a search, and its pieces as they were probably meant; null if there is no guess. */
export type Fault = { readonly problem: string; readonly pieces: readonly string[] | null };

type Given = ReadonlyMap<SearchFilter, { readonly value: string; readonly at: number }>;
/** The words of a search, and the value of each filter with the index of its piece. */
export type ReadPieces = { readonly words: readonly string[]; readonly filters: Given };

/** Separates words from filters. */
export const readPieces = (pieces: readonly Token[]): ReadPieces | Fault => {
  const words: string[] = [];
  const filters = new Map<SearchFilter, { readonly value: string; readonly at: number }>();
  for (const [at, piece] of pieces.entries()) {
    const read = readPiece(piece, at, pieces);
    if ('problem' in read) return read;
    if ('word' in read) words.push(read.word);
    else {
      const { filter, value } = read;
      const before = filters.get(filter);
      if (before && before.value !== value) {
        return fault(`${filter}: stands there twice, and takes one value; leave one of them out.`);
      }
      filters.set(filter, before ?? { value, at });
    }
  }
  return { words, filters };
};

/** The pieces as typed, with `count` of them from index `at` on replaced by `put`. */
export const inPlaceOf = (pieces: readonly Token[], at: number, put: readonly string[], count = 1): readonly string[] =>
  pieces.map(({ typed }) => typed).toSpliced(at, count, ...put);

const EXAMPLES: Readonly<Record<SearchFilter, string>> = {
  status: 'status:pending',
  schedule: 'schedule:sch_abc123',
  type: 'type:booking',
  after: 'after:today',
  before: 'before:2027-02-15',
};

type Read = { readonly word: string } | { readonly filter: SearchFilter; readonly value: string } | Fault;

const fault = (problem: string, pieces: Fault['pieces'] = null): Fault => ({ problem, pieces });

const isFilter = (name: string): name is SearchFilter => (SEARCH_FILTERS as readonly string[]).includes(name);

const readPiece = ({ name, value, written }: Token, at: number, pieces: readonly Token[]): Read => {
  if (name === null) return { word: written };
  const lower = name.toLowerCase().slice(0, 40);
  if (!isFilter(lower)) return misspelt(lower, value, at, pieces) ?? { word: written };
  if (value !== '') return { filter: lower, value };
  const next = pieces[at + 1];
  return fault(
    `${lower}: needs its value right behind it, such as ${EXAMPLES[lower]}.`,
    next?.name === null ? inPlaceOf(pieces, at, [writeFilter(lower, next.written)], 2) : null,
  );
};

/** Filters that people try, and what they are called here. */
const CALLED: ReadonlyMap<string, SearchFilter> = new Map([
  ['from', 'after'],
  ['since', 'after'],
  ['to', 'before'],
  ['until', 'before'],
  ['kind', 'type'],
]);
/** Filters that people try and that bare words make unnecessary. */
const NOT_NEEDED = new Set(['name', 'email', 'title', 'id', 'event', 'word', 'words']);

/** The fault of a word with a colon that is probably a misspelt filter; undefined for any other, which stays a word. */
const misspelt = (name: string, value: string, at: number, pieces: readonly Token[]): Fault | undefined => {
  const left = name.slice(1);
  if (name.startsWith('-') && isFilter(left)) {
    // The example must not be the very status that was to be excluded.
    const example = /pend/i.test(value) ? 'status:confirmed' : EXAMPLES[left];
    return fault(`A search can't leave things out: say what is wanted, such as ${example}.`);
  }
  if (value.startsWith('//')) return undefined;
  if (NOT_NEEDED.has(name)) {
    const pieceMeant = value === '' ? [] : [writeWord(value)];
    return fault(
      `There is no filter "${name}:"; names, addresses, titles and ids are found by the bare word.`,
      inPlaceOf(pieces, at, pieceMeant),
    );
  }
  const meant = CALLED.get(name) ?? nearName(name, SEARCH_FILTERS);
  if (meant === undefined) return undefined;
  return fault(
    `There is no filter "${name}:"; in quotes it is looked for as it stands.`,
    inPlaceOf(pieces, at, [writeFilter(meant, value)]),
  );
};
