import { quote, shortLine } from '../core/quote.ts';

/*
 * Conditions in words. The texts are stored and shown, so they quote ids, states and times, but never an attendee's name,
 * contact data or notes.
 */

/** Fields whose values may be quoted: WebKasa's ids, states, times and counts. */
const QUOTABLE = new Set([
  ...['id', 'type', 'created_at', 'moved', 'status', 'location_type', 'timezone'],
  ...['start_time', 'end_time', 'start_date', 'guest_count', 'slots', 'cost'],
]);

const isQuotable = (path: string): boolean => {
  const field = path.split('.').at(-1) ?? '';
  return QUOTABLE.has(field) || /^[a-z_]+_id$/.test(field);
};

/** What the data holds at a path: `data.schedule_id is "sch_x"`, `data.notes is missing`; by another name where one is given. */
export const foundWords = (path: string, subject: unknown, name = path): string => {
  const value = valueAt(path, subject);
  if (value === undefined) return `${name} is missing`;
  if (value === null) return `${name} is null`;
  if (value === '') return `${name} is empty`;
  if (Array.isArray(value)) return path === 'changed' ? changedWords(value) : `${name} is a list of ${value.length}`;
  if (typeof value === 'object') return `${name} is an object`;
  return isQuotable(path) || typeof value === 'boolean' ? `${name} is ${quote(value)}` : `${name} is there`;
};

/** Field names come from WebKasa and not from attendees, so they may be quoted. */
const changedWords = (names: readonly unknown[]): string =>
  names.length === 0 ? 'nothing that was known changed' : `changed is ${quote(names)}`;

/** An array along the path stands for all of its entries, so the array itself is the value found. */
const valueAt = (path: string, subject: unknown): unknown => {
  let value = subject;
  for (const segment of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) {
      return Array.isArray(value) ? value : undefined;
    }
    value = (value as Record<string, unknown>)[segment];
  }
  return value;
};

/** What a rule wants of a field, to be put after "the rule wants it": `in ["sch_abc123"]`, `not to match x$`. */
export const wantedWords = (wanted: unknown): string => {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return `to be ${quote(wanted)}`;
  const operators = wanted as Readonly<Record<string, unknown>>;
  return Object.keys(operators)
    .filter((operator) => operator !== '$options')
    .map((operator) => operatorWords(operator, operators[operator]))
    .join(' and ');
};

const ASSERTED: readonly (readonly [wanted: RegExp, asserted: string])[] = [
  [/^not to be /, 'is not '],
  [/^to be /, 'is '],
  [/^not to (match|fit) /, 'does not $1 '],
  [/^to (match) /, '$1es '],
  [/^to (hold|fit) /, '$1s '],
];

/** The same as a statement, to be put after the field: `is in ["sch_abc123"]`, `does not match x$`. */
export const assertedWords = (wanted: unknown): string => {
  const words = wantedWords(wanted);
  const [pattern, asserted] = ASSERTED.find(([each]) => each.test(words)) ?? [/^/, 'is '];
  return words.replace(pattern, asserted);
};

const operatorWords = (operator: string, value: unknown): string => {
  switch (operator) {
    case '$eq':
      return `to be ${quote(value)}`;
    case '$ne':
      return `not to be ${quote(value)}`;
    case '$gt':
      return `above ${quote(value)}`;
    case '$gte':
      return `at or above ${quote(value)}`;
    case '$lt':
      return `below ${quote(value)}`;
    case '$lte':
      return `at or below ${quote(value)}`;
    case '$in':
      return `in ${quote(value)}`;
    case '$nin':
      return `not in ${quote(value)}`;
    case '$exists':
      return value ? 'to be there' : 'not to be there';
    case '$regex':
      return `to match ${shortLine(String(value))}`;
    case '$not':
      return `not ${wantedWords(value)}`;
    case '$all':
      return `to hold all of ${quote(value)}`;
    case '$size':
      return `to be a list of ${quote(value)}`;
    case '$type':
      return `to be of type ${String(value)}`;
    default:
      return `to fit ${operator} ${quote(value)}`;
  }
};
