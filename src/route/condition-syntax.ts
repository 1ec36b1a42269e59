import type { Condition } from '../core/rule.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Fault, Path } from './fault.ts';
import { canHang, compileRegex } from './regex.ts';

/** Everything wrong with a condition, before it is compiled; empty where it can be. */
export const conditionFaults = (condition: Condition): Fault[] => groupFaults(condition, []);

/** Fields and the operators that stand beside them, at the top of `when` and in each alternative. */
const groupFaults = (group: unknown, path: Path): Fault[] => {
  if (!isMap(group) || Object.keys(group).length === 0) {
    return [{ path, message: 'takes conditions like data.status: CONFIRMED' }];
  }
  return Object.entries(group).flatMap(([key, value]) =>
    key.startsWith('$') ? beside(key, value, [...path, key]) : fieldFaults(key, value, [...path, key]),
  );
};

const LOGICAL = ['$and', '$or', '$nor', '$not'];

const beside = (operator: string, value: unknown, path: Path): Fault[] => {
  if (operator === '$not') return groupFaults(value, path);
  if (LOGICAL.includes(operator)) {
    if (!Array.isArray(value) || value.length === 0)
      return [{ path, message: `${operator} takes a list of conditions` }];
    return value.flatMap((group, index) => groupFaults(group, [...path, index]));
  }
  return isOperator(operator)
    ? [{ path, message: `${operator} belongs under a field: data.status: { ${operator}: … }` }]
    : [unknownOperator(operator, path)];
};

const fieldFaults = (field: string, value: unknown, path: Path): Fault[] => {
  const segments = field.split('.');
  if (segments.includes('')) return [{ path, message: `"${field}" is no path; write one like data.schedule_id` }];
  const inherited = segments.find((segment) => segment in Object.prototype);
  if (inherited !== undefined) return [{ path, message: `"${inherited}" can't be a part of a path` }];
  return isMap(value) ? operatorFaults(field, value, path) : [];
};

const operatorFaults = (field: string, operators: Condition, path: Path): Fault[] => {
  const keys = Object.keys(operators);
  const plain = keys.find((key) => !key.startsWith('$'));
  if (plain !== undefined) {
    return [{ path: [...path, plain], message: `is written as one path with dots: ${field}.${plain}: …` }];
  }
  if (keys.length === 0) return [{ path, message: 'takes a value, or operators like { $in: [a, b] }' }];
  return keys.flatMap((operator) => oneOperator(operator, operators, field, [...path, operator]));
};

const oneOperator = (operator: string, operators: Condition, field: string, path: Path): Fault[] => {
  const value = operators[operator];
  if (operator === '$not') {
    return isMap(value)
      ? operatorFaults(field, value, path)
      : [{ path, message: '$not takes operators: { $in: [a, b] }' }];
  }
  if (operator === '$elemMatch') return elementFaults(value, path);
  if (operator === '$regex') return regexFaults(value, operators.$options, path);
  if (LOGICAL.includes(operator)) {
    return [{ path, message: `${operator} stands beside the fields: ${operator}: [{ ${field}: … }, { ${field}: … }]` }];
  }
  if (!isOperator(operator)) return [unknownOperator(operator, path)];
  const { accepts, takes } = OPERATORS[operator];
  return accepts(value, operators) ? [] : [{ path, message: `${operator} takes ${takes}` }];
};

const elementFaults = (value: unknown, path: Path): Fault[] => {
  if (!isMap(value)) return [{ path, message: '$elemMatch takes conditions on one entry of the list' }];
  const onEntry = Object.keys(value).some((key) => key.startsWith('$') && !LOGICAL.includes(key));
  return onEntry ? operatorFaults('entry', value, path) : groupFaults(value, path);
};

const regexFaults = (pattern: unknown, options: unknown, path: Path): Fault[] => {
  if (typeof pattern !== 'string' || pattern === '')
    return [{ path, message: '$regex takes a regular expression in quotes' }];
  const letters = typeof options === 'string' ? options : '';
  const compiled = compileRegex(pattern, letters);
  if ('problem' in compiled) return [{ path, message: compiled.problem }];
  return canHang(pattern, letters)
    ? [{ path, message: `$regex "${pattern}" takes seconds on some texts; don't repeat what is itself a repetition` }]
    : [];
};

const TYPES = ['number', 'string', 'bool', 'array', 'null'];
const isComparable = (value: unknown): boolean => typeof value === 'number' || typeof value === 'string';
const comparison = { accepts: isComparable, takes: 'a number, or a text in quotes' };
const list = { accepts: (value: unknown) => Array.isArray(value), takes: 'a list like [a, b]' };
const anything = { accepts: () => true, takes: 'a value' };

type Operator = { readonly accepts: (value: unknown, beside: Condition) => boolean; readonly takes: string };

/** All that may stand under a field. `$where` runs code and is left out on purpose. */
export const OPERATORS = {
  $eq: anything,
  $ne: anything,
  $gt: comparison,
  $gte: comparison,
  $lt: comparison,
  $lte: comparison,
  $in: list,
  $nin: list,
  $all: list,
  $exists: { accepts: (value) => typeof value === 'boolean', takes: 'true or false' },
  $regex: anything,
  $options: {
    accepts: (value, operators) => typeof value === 'string' && operators.$regex !== undefined,
    takes: 'letters like i, beside a $regex',
  },
  $not: anything,
  $elemMatch: anything,
  $size: { accepts: (value) => Number.isInteger(value) && Number(value) >= 0, takes: 'a whole number' },
  $mod: {
    accepts: (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isInteger) && value[0] !== 0,
    takes: 'two whole numbers, [divisor, remainder]',
  },
  $type: { accepts: (value) => TYPES.includes(String(value)), takes: `one of ${TYPES.join(', ')}` },
} as const satisfies Readonly<Record<string, Operator>>;

const isOperator = (name: string): name is keyof typeof OPERATORS => Object.hasOwn(OPERATORS, name);

const unknownOperator = (operator: string, path: Path): Fault => ({
  path,
  message:
    operator === '$where'
      ? '$where runs code and is not supported; use $regex, $in and the like'
      : `${operator} is no operator${didYouMean(operator, [...LOGICAL, ...Object.keys(OPERATORS)])}`,
});

const isMap = (value: unknown): value is Condition =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields a condition without faults asks about, with the way to each and what is asked of it. */
export const conditionFields = (
  condition: Condition,
  path: Path = [],
): { field: string; path: Path; value: unknown }[] =>
  Object.entries(condition).flatMap(([key, value]) => {
    const here = [...path, key];
    if (!key.startsWith('$')) return [{ field: key, path: here, value }];
    return Array.isArray(value)
      ? value.flatMap((group: Condition, index) => conditionFields(group, [...here, index]))
      : conditionFields(value as Condition, here);
  });
