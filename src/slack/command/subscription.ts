import { nearest } from '../../core/suggest.ts';
import { KNOWN_TYPES } from '../../core/webhook.ts';
import type { Parsed } from './command.ts';
import { isWhere, looksLikeFilter, readFilters, type Trouble } from './subscription-filters.ts';
import { bare, quoted, type Word, wordsOf } from './tidy.ts';

/** Subscriptions are for people to read: anything longer is a mistake, or better written as a rule in the rules file. */
const MOST_TYPES = 20;

const KINDS = [...new Set(KNOWN_TYPES.map((type) => type.split('.')[0] ?? type))];

/** Parses `booking.* registration.created where -schedule:sch_1`; the word `where` may be left out. */
export const parseSubscribe = (rest: string): Parsed => parse(rest, MOST_MENDED);

/** How many slips in one command are corrected to find what was meant. */
const MOST_MENDED = 5;

const parse = (rest: string, corrections: number): Parsed => {
  const words = wordsOf(rest).filter(({ text }) => text !== '');
  const from = words.findIndex((word) => isWhere(word) || looksLikeFilter(word));
  const [typed, conditions] = from < 0 ? [words, []] : [words.slice(0, from), words.slice(from)];
  const types = readTypes(typed);
  const filters = readFilters(conditions);
  const trouble = (problem: string, meant: readonly Word[] | null): Parsed => ({
    problem,
    about: 'subscribe',
    nearest: meant && corrections > 0 ? mended(meant.map(typedWord).join(' '), corrections - 1) : null,
  });
  if ('problem' in types) return trouble(types.problem, types.meant && [...types.meant, ...conditions]);
  if (types.types.length === 0) {
    return trouble('Say of what this channel is to be told: booking, event, registration, or * for all.', null);
  }
  if ('problem' in filters) return trouble(filters.problem, filters.meant && [...typed, ...filters.meant]);
  return { command: { name: 'subscribe', types: types.types, filters: filters.filters } };
};

/** The whole command with its remaining slips corrected too; null if that can't be done. */
const mended = (rest: string, corrections: number): string | null => {
  const again = parse(rest, corrections);
  return 'command' in again ? `subscribe ${rest}` : again.nearest;
};

/** A word as it has to be typed, with quotes where it needs them. */
const typedWord = ({ text, quoted: whole }: Word): string => {
  const [, head = '', value = ''] = /^([^:]*:)?(.*)$/s.exec(text) ?? [];
  return whole || /\s/.test(text) ? `${head}"${value}"` : text;
};

/** Parses nothing, `all`, a subscription's id, or its types. */
export const parseUnsubscribe = (rest: string): Parsed => {
  const words = wordsOf(rest).filter(({ text }) => bare(text) !== '' || text === '*');
  const first = bare(words[0]?.text ?? '').replace(/^(?:all$|sub_)/i, (word) => word.toLowerCase());
  const about = 'unsubscribe';
  if (words.length === 0) return { command: { name: 'unsubscribe', which: null } };
  if (words.length === 1 && (first === 'all' || first.startsWith('sub_'))) {
    return { command: { name: 'unsubscribe', which: first } };
  }
  if (words.some((word) => isWhere(word) || looksLikeFilter(word))) {
    return { problem: 'Name the subscription by its id: rules lists them.', about, nearest: 'rules' };
  }
  const types = readTypes(words);
  if ('problem' in types) {
    const meant = types.meant?.map(typedWord).join(' ');
    const again = meant === undefined ? undefined : readTypes(wordsOf(meant));
    return { problem: types.problem, about, nearest: again && 'types' in again ? `unsubscribe ${meant}` : 'rules' };
  }
  return { command: { name: 'unsubscribe', which: types.types.join(' ') } };
};

const readTypes = (words: readonly Word[]): { readonly types: readonly string[] } | Trouble => {
  const types: string[] = [];
  for (const [at, word] of words.entries()) {
    const parts = word.text.split(',');
    for (const [place, part] of parts.entries()) {
      if (part === '') continue;
      const type = readType(part);
      if (type === undefined) {
        const near = nearestType(part);
        return {
          problem: `${quoted(part)} is no type of webhook: those are ${KINDS.join(', ')}, or one of them such as booking.created.`,
          meant: near === undefined ? null : words.with(at, { ...word, text: parts.with(place, near).join(',') }),
        };
      }
      types.push(type);
    }
  }
  const different = [...new Set(types)];
  if (different.length > MOST_TYPES) {
    return { problem: `These are more than ${MOST_TYPES} types; * stands for all.`, meant: null };
  }
  return { types: different };
};

const nearestType = (typed: string): string | undefined => {
  const type = bare(typed)
    .toLowerCase()
    .replace(/s$|\.\*$/g, '');
  return nearest(type, [...KNOWN_TYPES, ...KINDS]);
};

/** `booking` and `bookings` mean booking.*. Types that WebKasa may add one day are accepted; misspelt known ones are not. */
const readType = (word: string): string | undefined => {
  if (/^["'`]?\*["'`]?$/.test(word)) return '*';
  const type = word.replace(/^["'`]+|["'`;]+$/g, '').toLowerCase();
  if (type === 'all' || type === 'everything') return '*';
  const kind = type.replace(/s$/, '');
  if (KINDS.includes(kind)) return `${kind}.*`;
  if (!/^[a-z\d_*-]+(?:\.[a-z\d_*-]+)+$/.test(type)) return undefined;
  if ([...KNOWN_TYPES, ...KINDS.map((each) => `${each}.*`)].includes(type)) return type;
  const near = type.includes('*') ? nearestKind(type) : nearest(type, KNOWN_TYPES);
  return near === undefined ? type : undefined;
};

/** For `bookin.*`, the kind that was meant; undefined if the part before the dot is a kind, or not close to one. */
const nearestKind = (type: string): string | undefined => {
  const kind = type.split('.')[0] ?? type;
  return kind.includes('*') || KINDS.includes(kind) ? undefined : nearest(kind, KINDS);
};
