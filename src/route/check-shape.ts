import type { z } from 'zod';
import type { Rule } from '../core/rule.ts';
import { didYouMean } from '../core/suggest.ts';
import { type Fault, type Path, pathText, under } from './fault.ts';
import { keysAt, RuleSchema, RulesFileSchema, toRule } from './schema.ts';

export type ShapedRule = { readonly index: number; readonly rule: Rule };

/** The rules of valid shape, and the faults in the shape of the others and of the file itself. */
export const checkShape = (
  file: unknown,
): { readonly rules: readonly ShapedRule[]; readonly faults: readonly Fault[] } => {
  if (file === null || file === undefined) return { rules: [], faults: [EMPTY] };
  const parsed = RulesFileSchema.safeParse(file);
  const faults = parsed.success ? [] : telling(parsed.error.issues).flatMap((issue) => explain(issue, file));
  const written = valueAt(file, ['rules']);
  const entries: readonly unknown[] = Array.isArray(written) ? written : [];
  if (faults.length === 0 && entries.length === 0) return { rules: [], faults: [NO_RULES] };
  const rules = entries.flatMap((entry, index) => {
    const rule = RuleSchema.safeParse(entry);
    return rule.success ? [{ index, rule: toRule(rule.data) }] : [];
  });
  return { rules, faults: [...faults, ...duplicates(rules)] };
};

/** An empty file is more likely a save that went wrong: accepted, it would plan nothing for any webhook until the next save. */
const EMPTY: Fault = {
  path: [],
  message: 'is empty; templates/rules.yaml shows how rules are written, and "rules: []" stands for none at all',
};

const NO_RULES: Fault = {
  severity: 'warning',
  path: ['rules'],
  message: 'there are none, so nobody is told anything; templates/rules.yaml shows how they are written',
};

const duplicates = (rules: readonly ShapedRule[]): Fault[] =>
  rules.flatMap(({ index, rule }) => {
    const first = rules.find((other) => other.rule.id === rule.id);
    return first === undefined || first.index === index
      ? []
      : [
          {
            path: ['rules', index, 'id'],
            message: `"${rule.id}" is the id of rule ${first.index + 1} too; give each its own`,
          },
        ];
  });

type Issue = z.core.$ZodIssue;

/** Beside an unknown key, the other faults in the same place's keys only follow from it. */
const telling = (issues: readonly Issue[]): Issue[] =>
  issues.filter(
    ({ code, path }) =>
      code !== 'custom' ||
      !issues.some((other) => other.code === 'unrecognized_keys' && pathText(other.path) === pathText(path)),
  );

const explain = (issue: Issue, file: unknown): Fault[] => {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, path) }));
    case 'invalid_union': {
      const deeper = issue.errors.find((branch) => branch.some((inner) => inner.path.length > 0));
      if (!deeper) return [{ path, message: wrongType(valueAt(file, path), expectedOf(issue)) }];
      return under(
        path,
        deeper.flatMap((inner) => explain(inner, valueAt(file, path))),
      );
    }
    case 'invalid_type':
      return [{ path, message: wrongType(valueAt(file, path), expectedOf(issue)) }];
    case 'invalid_value':
      return [{ path, message: `takes ${issue.values.map((value) => `"${String(value)}"`).join(' or ')}` }];
    case 'too_small':
      return [{ path, message: issue.origin === 'array' ? 'is an empty list' : 'is empty' }];
    case 'too_big':
      return [{ path, message: `takes ${issue.maximum} at most` }];
    default:
      return [{ path, message: issue.message }];
  }
};

const unknownKey = (key: string, path: Path): string => {
  const known = keysAt(path);
  return `is not known here${didYouMean(key, known) || `; known are ${known.join(', ')}`}`;
};

const NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
};

const nameOf = (type: string): string => NAMES[type] ?? type;

/** What a place accepts, in words; of several alternatives, the first is the usual one. */
const expectedOf = (issue: Issue): string => {
  if (issue.code === 'invalid_type') return nameOf(issue.expected);
  const kinds =
    issue.code === 'invalid_union' ? issue.errors.flatMap((branch) => branch.slice(0, 1).map(expectedOf)) : [];
  return kinds.includes('a list') ? 'a text or a list' : (kinds[0] ?? 'something else');
};

const wrongType = (value: unknown, expected: string): string => {
  if (value === undefined) return 'is missing';
  if (value === null)
    return `is empty; it takes ${expected}, and a text that begins with # or * needs quotes, like "#bookings"`;
  return `takes ${expected}, not ${nameOf(Array.isArray(value) ? 'array' : typeof value)}`;
};

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  );
