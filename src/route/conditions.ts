import sift from 'sift';
import type { Condition } from '../core/rule.ts';
import type { Webhook } from '../core/webhook.ts';
import { assertedWords, foundWords, wantedWords } from './condition-words.ts';
import { compileRegex, RegexTooSlow } from './regex.ts';

/** The input of conditions: the webhook as received, whether it moved the resource's start, and what it changed. */
export type Subject = Webhook & { readonly moved: boolean; readonly changed: readonly string[] };

export type CompiledCondition = {
  /** Which conditions fail, a sentence each; empty where all hold. Never throws, whatever the data. */
  failures(subject: Subject): string[];
  /** What has to hold, a sentence each: `data.schedule_id is in ["sch_1"]`. */
  readonly words: readonly string[];
};

/**
 * Compiles a `when` without faults (see conditionFaults). Each field, and each operator under it, is tested by itself,
 * so that the answer can name the one that failed.
 */
export const compileCondition = (when: Condition): CompiledCondition => {
  const parts = partsOf(when);
  return { failures: (subject) => failuresOf(parts, subject), words: assertions(parts) };
};

type Part = {
  readonly field: string;
  readonly holds: (subject: Subject) => boolean;
  /** Why it does not hold. */
  words(subject: Subject): string;
  /** That it holds. */
  readonly asserted: string;
};

const failuresOf = (parts: readonly Part[], subject: Subject): string[] => {
  const failed: string[] = [];
  for (const part of parts) {
    try {
      if (!part.holds(subject)) failed.push(part.words(subject));
    } catch (error) {
      failed.push(`${part.field} can't be tested: ${whyUntested(error)}`);
    }
  }
  return failed;
};

const whyUntested = (error: unknown): string => {
  if (error instanceof RegexTooSlow) return 'its $regex takes too long on this text, so it was stopped';
  // Reached only by data nested thousands of levels deep, on which the tester runs out of stack.
  if (error instanceof RangeError) return 'the data is nested too deeply';
  throw error;
};

const partsOf = (group: Condition): Part[] => Object.entries(group).flatMap(([key, value]) => partsOfKey(key, value));

const partsOfKey = (key: string, value: unknown): Part[] => {
  if (key === '$and') return (value as Condition[]).flatMap(partsOf);
  if (key === '$or') return [alternatives(value as Condition[])];
  const holds = tester({ [key]: value });
  if (key === '$nor') {
    const words = () => 'one of the conditions under $nor holds, and the rule wants none to';
    return [{ field: key, holds, words, asserted: `none of: ${groupWords(value as Condition[])}` }];
  }
  if (key === '$not') {
    const words = () => 'the conditions under $not hold, and the rule wants them not to';
    return [{ field: key, holds, words, asserted: `not: ${groupWords([value as Condition])}` }];
  }
  return separate(value).map((wanted) => ({
    field: key,
    holds: tester({ [key]: wanted }),
    words: (subject) => `${foundWords(key, subject)}, and the rule wants it ${wantedWords(wanted)}`,
    asserted: `${key} ${assertedWords(wanted)}`,
  }));
};

/** What would have to hold in each of several groups. */
const groupWords = (groups: readonly Condition[]): string =>
  groups.map((group) => assertions(partsOf(group)).join(' and ')).join('; or ');

const assertions = (parts: readonly Part[]): string[] => parts.map(({ asserted }) => asserted);

const alternatives = (groups: readonly Condition[]): Part => {
  const compiled = groups.map(partsOf);
  return {
    field: '$or',
    holds: tester({ $or: groups }),
    words: (subject) =>
      `none of the alternatives under $or holds: ${compiled.map((parts) => failuresOf(parts, subject).join(' and ')).join('; or ')}`,
    asserted: `one of: ${groupWords(groups)}`,
  };
};

/** Splits `{ $gte: 1, $lt: 5 }` into one condition for each operator; `$options` stays with its `$regex`. */
const separate = (wanted: unknown): unknown[] => {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return [wanted];
  const { $options, ...operators } = wanted as Condition;
  return Object.entries(operators).map(([operator, value]) =>
    operator === '$regex' && $options !== undefined ? { $regex: value, $options } : { [operator]: value },
  );
};

/** sift's own `$regex` knows no limit of length. */
const limitedRegex = (pattern: unknown, query: Condition | null, options: Parameters<typeof sift.$eq>[2]) => {
  const compiled = compileRegex(String(pattern), typeof query?.$options === 'string' ? query.$options : '');
  if ('problem' in compiled) throw new Error(compiled.problem);
  return sift.$eq((value: unknown) => typeof value === 'string' && compiled.test(value), query, options);
};

/** The operators that only look at data; `$where`, which runs code, is not among them. */
const OPERATIONS = {
  $eq: sift.$eq,
  $ne: sift.$ne,
  $gt: sift.$gt,
  $gte: sift.$gte,
  $lt: sift.$lt,
  $lte: sift.$lte,
  $in: sift.$in,
  $nin: sift.$nin,
  $all: sift.$all,
  $exists: sift.$exists,
  $regex: limitedRegex,
  $options: sift.$options,
  $not: sift.$not,
  $and: sift.$and,
  $or: sift.$or,
  $nor: sift.$nor,
  $elemMatch: sift.$elemMatch,
  $size: sift.$size,
  $mod: sift.$mod,
  $type: sift.$type,
};

const tester = (query: Condition) => sift.createQueryTester<Subject>(query as never, { operations: OPERATIONS });
