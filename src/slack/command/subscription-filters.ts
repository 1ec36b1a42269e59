import { FILTER_FIELDS, isFilterField } from '../../core/filters.ts';
import type { Filter } from '../../core/team.ts';
import { nearName } from '../../query/near-name.ts';
import { isKnownStatus, statusSpelt } from '../../query/search-values.ts';
import { quoted, type Word } from './tidy.ts';

/** Anything longer is a mistake, or better written as a rule in the rules file. */
const MOST = { filters: 20, characters: 200 };

/** Whether a word separates the types of a subscription from its filters. */
export const isWhere = (word: Word): boolean => !word.quoted && /^(?:where|with|but|except|for|if)$/i.test(word.text);

/** Whether a word begins like a filter, `schedule:` or `-data.cost:`. */
export const looksLikeFilter = ({ text }: Word): boolean => /^[-!]?[\w.]+:/.test(text);

/** What is wrong, and the words as they were probably meant; null if that can't be told. */
export type Trouble = { readonly problem: string; readonly meant: readonly Word[] | null };

type Filters = { readonly filters: readonly Filter[] } | Trouble;

/** Reads the filters of a subscription. The words may begin with `where`. */
export const readFilters = (words: readonly Word[]): Filters => {
  const filters: Filter[] = [];
  for (const [at, word] of words.entries()) {
    const text = word.quoted ? word.text : word.text.replace(/,+$/, '');
    if (isWhere(word) || /^(?:and|)$/i.test(text)) continue;
    const read = readFilter({ ...word, text }, words[at + 1]);
    if ('filters' in read) filters.push(...read.filters);
    else {
      const { problem, meant, takesNext = false } = read;
      const put =
        meant === null ? null : { text: meant, quoted: word.quoted || (takesNext && words[at + 1]?.quoted === true) };
      return { problem, meant: put && words.toSpliced(at, takesNext ? 2 : 1, put) };
    }
  }
  if (words.length > 0 && filters.length === 0) {
    return {
      problem: 'After where comes a filter: a field, a colon and a value, such as schedule:sch_1.',
      meant: null,
    };
  }
  if (filters.length > MOST.filters) return { problem: `These are more than ${MOST.filters} filters.`, meant: null };
  return { filters };
};

/** What is wrong with one filter, and what was meant; with `takesNext`, the next word was meant as its value. */
type Slip = { readonly problem: string; readonly meant: string | null; readonly takesNext?: boolean };

const readFilter = (
  { text, quoted: whole }: Word,
  next: Word | undefined,
): { readonly filters: readonly Filter[] } | Slip => {
  const [, sign = '', typed = text.replace(/^[-!]/, ''), colon = '', value = ''] =
    /^([-!]?)([^:]*)(:?)(.*)$/s.exec(text) ?? [];
  const minus = sign === '' ? '' : '-';
  const field = fieldOf(typed);
  if (colon === '' || typed === '') return withoutColon(text, minus, colon === '' ? typed : value, next);
  if (field === undefined) {
    const near = nearName(typed, FILTER_FIELDS) ?? dataField(typed);
    return {
      problem: `There is no filter ${quoted(typed)}: there are ${FILTER_FIELDS.join(', ')}, and data.… for any field of the data, such as data.guest_count.`,
      meant: near === undefined ? null : `${minus}${near}:${value}`,
    };
  }
  const values = (whole ? [value] : value.split(',')).map((each) => each.trim()).filter(Boolean);
  if (values.length === 0) return withoutValue(minus, field, next);
  if (values.some((each) => each.length > MOST.characters)) {
    return { problem: `The value of ${field}: is longer than ${MOST.characters} characters.`, meant: null };
  }
  const meant = field === 'status' ? values.map(statusSpelt) : values;
  return { filters: meant.map((each) => ({ field, not: minus !== '', value: each })) };
};

/** Without a colon: `schedule sch_1`, or a value alone whose form shows which field it is for. */
const withoutColon = (text: string, minus: string, bareWord: string, next: Word | undefined): Slip => {
  const field = fieldOf(bareWord);
  if (field !== undefined) return withoutValue(minus, field, next);
  const told = fieldByForm(bareWord);
  return {
    problem: `${quoted(text)} is no filter: write a field, a colon and a value, such as ${minus}schedule:sch_1.`,
    meant: told === undefined ? null : `${minus}${told}:${bareWord}`,
  };
};

const withoutValue = (minus: string, field: string, next: Word | undefined): Slip => {
  const isValue = next && !isWhere(next) && !looksLikeFilter(next) && !/^[-!]|^and$/i.test(next.text);
  return {
    problem: `${minus}${field}: needs a value right behind the colon, such as ${minus}${field}:${EXAMPLES.get(field) ?? '2'}.`,
    meant: isValue ? `${minus}${field}:${next.text}` : null,
    takesNext: true,
  };
};

const EXAMPLES: ReadonlyMap<string, string> = new Map([
  ['schedule', 'sch_1'],
  ['event', 'evt_1'],
  ['status', 'pending'],
  ['email', '@example.com'],
  ['name', 'john'],
  ['title', 'meditation'],
  ['id', 'bk_1'],
]);

const fieldByForm = (value: string): string | undefined => {
  if (/^sch_\w/.test(value)) return 'schedule';
  if (/^evt_\w/.test(value)) return 'event';
  if (/^(?:bk|reg)_\w/.test(value)) return 'id';
  if (value.includes('@')) return 'email';
  return isKnownStatus(value) ? 'status' : undefined;
};

/** Fields of the data that WebKasa documents and that have no filter name of their own. */
const DATA = ['guest_count', 'location', 'timezone', 'description', 'cost', 'slots', 'notes', 'attendee_phone'];

const dataField = (typed: string): string | undefined => {
  const near = nearName(typed, DATA);
  return near === undefined ? undefined : `data.${near}`;
};

/** The filter field for a typed name; undefined if there is none. Paths into the data keep their case. */
const fieldOf = (typed: string): string | undefined => {
  if (/^data(?:\.\w+)+$/.test(typed)) {
    return typed.split('.').some((segment) => segment in Object.prototype) ? undefined : typed;
  }
  const field = typed.toLowerCase().replace(/_id$/, '');
  return isFilterField(field) ? field : undefined;
};
