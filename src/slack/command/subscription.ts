import { FILTER_FIELDS, isFilterField } from '../../core/filters.ts';
import { nearest } from '../../core/suggest.ts';
import type { Filter } from '../../core/team.ts';
import { KNOWN_TYPES } from '../../core/webhook.ts';
import { asWebKasaSpells } from '../../query/search-syntax.ts';
import type { Parsed } from './command.ts';
import { bare, quoted, type Word, wordsOf } from './tidy.ts';

/** A channel's subscription is for people to read: what is longer is a mistake, or a rule for the rules file. */
const MOST = { types: 20, filters: 20, characters: 200 };

const KINDS = [...new Set(KNOWN_TYPES.map((type) => type.split('.')[0] ?? type))];

/** `booking.* registration.created where -schedule:sch_1`: the word `where` may be left out. */
export const parseSubscribe = (rest: string): Parsed => {
  const words = wordsOf(rest).filter(({ text }) => text !== '');
  const from = words.findIndex((word) => isWhere(word) || looksLikeFilter(word));
  const [typed, conditions] = from < 0 ? [words, []] : [words.slice(0, from), words.slice(from)];
  const types = readTypes(typed);
  if ('problem' in types) return trouble(types.problem, types.nearest && `subscribe ${types.nearest}`);
  if (types.types.length === 0) {
    return trouble('Say of what this channel is to be told: booking, event, registration, or * for all.');
  }
  const filters = readFilters(conditions);
  if ('problem' in filters) return trouble(filters.problem, `subscribe ${types.types.join(' ')} ${filters.nearest}`);
  return { command: { name: 'subscribe', types: types.types, filters: filters.filters } };
};

/** Nothing, `all`, the id of a subscription, or its types. */
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
    return { problem: types.problem, about, nearest: types.nearest ? `unsubscribe ${types.nearest}` : 'rules' };
  }
  return { command: { name: 'unsubscribe', which: types.types.join(' ') } };
};

type Trouble = { readonly problem: string; readonly nearest: string | undefined };

const readTypes = (words: readonly Word[]): { readonly types: readonly string[] } | Trouble => {
  const types: string[] = [];
  for (const word of words.flatMap(({ text }) => text.split(',')).filter(Boolean)) {
    const type = readType(word);
    if (type === undefined) {
      const near = nearest(
        bare(word)
          .toLowerCase()
          .replace(/s$|\.\*$/g, ''),
        [...KNOWN_TYPES, ...KINDS],
      );
      return {
        problem: `${quoted(word)} is no type of webhook: those are ${KINDS.join(', ')}, or one of them such as booking.created.`,
        nearest: near,
      };
    }
    types.push(type);
  }
  const different = [...new Set(types)];
  if (different.length > MOST.types) {
    return { problem: `These are more than ${MOST.types} types; * stands for all.`, nearest: '*' };
  }
  return { types: different };
};

/** `booking` and `bookings` mean booking.*. A type WebKasa may send one day can be asked for, a slip of the pen can't. */
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

/** For `bookin.*`: the kind that was meant; undefined where the part before the dot is a kind, or nothing like one. */
const nearestKind = (type: string): string | undefined => {
  const kind = type.split('.')[0] ?? type;
  return kind.includes('*') || KINDS.includes(kind) ? undefined : nearest(kind, KINDS);
};

const isWhere = (word: Word): boolean => !word.quoted && /^(?:where|with|but|except|for|if)$/i.test(word.text);

const looksLikeFilter = ({ text }: Word): boolean => /^[-!]?[\w.]+:/.test(text);

type Filters = { readonly filters: readonly Filter[] } | Trouble;

const readFilters = (words: readonly Word[]): Filters => {
  const filters: Filter[] = [];
  for (const word of words) {
    const text = word.quoted ? word.text : word.text.replace(/,+$/, '');
    if (isWhere(word) || /^(?:and|)$/i.test(text)) continue;
    const read = readFilter({ ...word, text });
    if ('problem' in read) return read;
    filters.push(...read.filters);
  }
  if (words.length > 0 && filters.length === 0) {
    return { problem: 'After where comes a filter: a field, a colon and a value.', nearest: 'where schedule:sch_1' };
  }
  if (filters.length > MOST.filters) {
    return { problem: `These are more than ${MOST.filters} filters.`, nearest: 'where schedule:sch_1' };
  }
  return { filters };
};

const readFilter = ({ text, quoted: whole }: Word): Filters => {
  const [, sign = '', typed = '', value = ''] = /^([-!]?)([^:]*):(.*)$/s.exec(text) ?? [];
  if (typed === '') {
    return {
      problem: `${quoted(text)} is no filter: write a field, a colon and a value.`,
      nearest: `where schedule:${text.replace(/^[-!]/, '') || 'sch_1'}`,
    };
  }
  const field = fieldOf(typed);
  const minus = sign === '' ? '' : '-';
  if (field === undefined) {
    const near = nearest(typed, FILTER_FIELDS);
    return {
      problem: `There is no filter ${quoted(typed)}: there are ${FILTER_FIELDS.join(', ')}, and data.… for any field of the data.`,
      nearest: `where ${minus}${near ?? `data.${typed.replace(/[^\w.]/g, '') || 'guest_count'}`}:${value || '…'}`,
    };
  }
  const values = (whole ? [value] : value.split(',')).map((each) => each.trim()).filter(Boolean);
  if (values.length === 0) {
    return { problem: `${field}: needs a value after the colon.`, nearest: `where ${minus}${field}:sch_1` };
  }
  if (values.some((each) => each.length > MOST.characters)) {
    return {
      problem: `The value of ${field}: is longer than ${MOST.characters} characters.`,
      nearest: `where ${field}:…`,
    };
  }
  const meant = field === 'status' ? values.map(asWebKasaSpells) : values;
  return { filters: meant.map((each) => ({ field, not: minus !== '', value: each })) };
};

/** Paths keep their upper and lower case, as data has it. */
const fieldOf = (typed: string): string | undefined => {
  if (/^data(?:\.\w+)+$/.test(typed)) {
    return typed.split('.').some((segment) => segment in Object.prototype) ? undefined : typed;
  }
  const field = typed.toLowerCase().replace(/_id$/, '');
  return isFilterField(field) ? field : undefined;
};

const trouble = (problem: string, next?: string): Parsed => ({
  problem,
  about: 'subscribe',
  nearest: next ?? 'subscribe booking',
});
