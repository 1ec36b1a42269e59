import {
  asksForPart,
  type FilterGroup,
  filterWords,
  groupFilters,
  groupWords,
  isFilterField,
} from '../core/filters.ts';
import type { Filter } from '../core/team.ts';
import { foundWords } from './condition-words.ts';
import type { CompiledCondition, Subject } from './conditions.ts';
import { REGEX_TEXT_LIMIT } from './regex.ts';

/**
 * Compiles a subscription's filters. A field has to equal any of the values given for it and none of those with a minus; a
 * missing field equals nothing.
 */
export const compileFilters = (filters: readonly Filter[]): CompiledCondition => {
  const groups = groupFilters(filters).map((group) => ({
    ...group,
    values: group.values.map(folding(group.field)),
    group,
  }));
  return {
    words: filterWords(filters),
    failures: (subject) =>
      groups
        .filter(({ field, not, values }) => {
          const found = scalarsAt(subject, pathOf(field, subject).split('.')).map(folding(field));
          const fits = asksForPart(field) ? isPart : isSame;
          return not === found.some((text) => values.some((value) => fits(text, value)));
        })
        .map(({ group }) => failureWords(group, subject)),
  };
};

const failureWords = (group: FilterGroup, subject: Subject): string =>
  `${foundWords(pathOf(group.field, subject), subject, group.field)}, and the subscription wants it ${groupWords(group).wanted}`;

const isSame = (text: string, value: string): boolean => text === value;
const isPart = (text: string, value: string): boolean => text.includes(value);

const PATHS = {
  schedule: 'data.schedule_id',
  event: 'data.event_id',
  status: 'data.status',
  email: 'data.attendee_email',
  name: 'data.attendee_name',
  title: 'data.title',
  id: 'data.id',
} as const;

const pathOf = (field: string, { type }: Subject): string => {
  // The webhooks of an event name it as their own subject.
  if (field === 'event' && type.startsWith('event.')) return PATHS.id;
  return isFilterField(field) ? PATHS[field] : field;
};

/** States, names and titles are compared without case; ids and other data exactly. */
const folding = (field: string): ((text: string) => string) =>
  asksForPart(field) || field === 'status'
    ? (text) => text.slice(0, REGEX_TEXT_LIMIT).normalize('NFC').toLowerCase()
    : (text) => text;

/** The texts, numbers and truth values at a path, as texts; a list stands for all of its entries. */
const scalarsAt = (value: unknown, path: readonly string[]): string[] => {
  if (Array.isArray(value)) return value.flatMap((entry) => scalarsAt(entry, path));
  const [step, ...rest] = path;
  if (step === undefined) {
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return [];
  return scalarsAt((value as Record<string, unknown>)[step], rest);
};
