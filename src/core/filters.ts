import { quote } from './quote.ts';
import type { Filter } from './team.ts';

/** What a filter can be about, besides a path such as `data.guest_count`. */
export const FILTER_FIELDS = ['schedule', 'event', 'status', 'email', 'name', 'title', 'id'] as const;
export type FilterField = (typeof FILTER_FIELDS)[number];

export const isFilterField = (field: string): field is FilterField =>
  (FILTER_FIELDS as readonly string[]).includes(field);

/** Whether a part of the text is enough, as with names and titles; of others, all of it is meant. */
export const asksForPart = (field: string): boolean => field === 'email' || field === 'name' || field === 'title';

/** Filters that stand or fall together: the field is any of the values, or with `not` none of them. */
export type FilterGroup = { readonly field: string; readonly not: boolean; readonly values: readonly string[] };

/** All groups have to hold: `schedule:a schedule:b -status:cancelled` is schedule a or b, and not cancelled. */
export const groupFilters = (filters: readonly Filter[]): readonly FilterGroup[] => {
  const groups = new Map<string, FilterGroup>();
  for (const { field, not, value } of filters) {
    const name = `${not ? '-' : ''}${field}`;
    groups.set(name, { field, not, values: [...new Set([...(groups.get(name)?.values ?? []), value])] });
  }
  return [...groups.values()];
};

/** Filters in words, a sentence for each group: `schedule is not sch_1`, `name contains anna or bob`. */
export const filterWords = (filters: readonly Filter[]): string[] =>
  groupFilters(filters).map((group) => `${group.field} ${groupWords(group).holds}`);

/** What a group asks for, to be put after a field, or after "the subscription wants it". */
export const groupWords = ({
  field,
  not,
  values,
}: FilterGroup): { readonly holds: string; readonly wanted: string } => {
  const part = asksForPart(field);
  const [verb, verbs] = part ? ['contain', 'contains'] : ['be', 'is'];
  if (!not) {
    const any = values.map(plain).join(' or ');
    return { holds: `${verbs} ${any}`, wanted: `to ${verb} ${any}` };
  }
  const none = values.map(plain).join(', ');
  if (values.length > 1) return { holds: `${verbs} none of ${none}`, wanted: `to ${verb} none of ${none}` };
  return { holds: `${part ? 'does not contain' : 'is not'} ${none}`, wanted: `not to ${verb} ${none}` };
};

/** Ids and single words need no quotes to be told from the sentence around them. */
const plain = (value: string): string => (/^[\p{L}\p{N}_.@+-]{1,80}$/u.test(value) ? value : quote(value));
