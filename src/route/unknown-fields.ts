import type { Condition } from '../core/rule.ts';
import { nearest } from '../core/suggest.ts';
import type { KnownType } from '../core/webhook.ts';
import { conditionFields } from './condition-syntax.ts';
import type { Fault, Path } from './fault.ts';
import { conditionPaths, unknownPath } from './known-fields.ts';

/** Warns of what conditions ask for and no webhook of these types has: fields, and names of fields in `changed`. */
export const unknownInConditions = (when: Condition, types: readonly KnownType[]): Fault[] => {
  const known = conditionPaths(types);
  return conditionFields(when).flatMap(({ field, path, value }): Fault[] => {
    const at = ['when', ...path];
    if (field === 'changed') return unknownChanges(value, at, known);
    // `data.list.0.name` is about the entries of a list.
    const message = unknownPath(field.replace(/\.\d+(?=\.|$)/g, ''), known);
    return message === undefined ? [] : [{ severity: 'warning', path: at, message }];
  });
};

const OF_NAMES = ['$eq', '$ne', '$in', '$nin', '$all', '$not', '$elemMatch'];

/** `changed` holds names of fields, without `data.`. */
const unknownChanges = (value: unknown, path: Path, known: readonly string[]): Fault[] => {
  if (typeof value === 'string') return unknownChange(value, path, known);
  if (Array.isArray(value)) return value.flatMap((one, index) => unknownChanges(one, [...path, index], known));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([operator]) => OF_NAMES.includes(operator))
    .flatMap(([operator, inner]) => unknownChanges(inner, [...path, operator], known));
};

const unknownChange = (name: string, path: Path, known: readonly string[]): Fault[] => {
  if (known.includes(`data.${name}`)) return [];
  const names = known.filter((one) => one.startsWith('data.')).map((one) => one.slice('data.'.length));
  const meant = nearest(name.replace(/^data\./, ''), names);
  const suggestion = meant === undefined ? '' : `; did you mean ${meant}?`;
  const message = `${name} is no field of the data of these types, so it is never among those that changed${suggestion}`;
  return [{ severity: 'warning', path, message }];
};
