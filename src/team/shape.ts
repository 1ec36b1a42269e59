import { z } from 'zod';
import { isFilterField } from '../core/filters.ts';
import { isChannelId } from '../core/slack-id.ts';
import type { Team } from '../core/team.ts';

const VERSION = 1;

/** Replaces zod's own message, except for missing values. */
const unless = (words: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? undefined : words;

const text = (most: number) => z.string().min(1).max(most);
const time = z.iso.datetime({ offset: true, error: unless('is no time like 2027-01-15T10:30:00Z') });

const ActorSchema = z.strictObject({ id: text(200), name: text(200), via: z.enum(['slack', 'command line']) });

const FilterSchema = z.strictObject({
  field: text(200).refine((field) => isFilterField(field) || /^data(?:\.[\w-]+)+$/.test(field), {
    error: 'is no field like schedule or data.guest_count',
  }),
  not: z.boolean(),
  value: text(500),
});

const SubscriptionSchema = z.strictObject({
  id: z.string().regex(/^sub_[\w-]{1,60}$/, 'is no id like sub_1a2b3c4d'),
  channel: z.string().refine(isChannelId, 'is no id like C0123ABCD'),
  channelName: text(200),
  types: z.array(z.string().regex(/^\S{1,200}$/, 'is no type like booking.created')).min(1),
  filters: z.array(FilterSchema),
  by: ActorSchema,
  at: time,
});

const PausedSchema = z.strictObject({ rule: text(200), by: ActorSchema, at: time });

const BrokenSchema = z.strictObject({
  channel: text(200),
  since: time,
  code: text(200),
  message: z.string(),
  told: z.boolean(),
});

const TeamSchema = z.strictObject({
  version: z.literal(VERSION, { error: unless(`is not ${VERSION}, the only one this bot knows`) }),
  subscriptions: z
    .array(SubscriptionSchema)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, { error: 'has two with the same id' })
    .default([]),
  paused: z.array(PausedSchema).default([]),
  broken: z.array(BrokenSchema).default([]),
});

/** Parses a document, or says what is wrong with it: `it is not valid JSON`. */
export const parseTeam = (bytes: Uint8Array): { readonly team: Team } | { readonly problem: string } => {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return { problem: bytes.length === 0 ? 'it is empty' : `it is not valid JSON${placeIn(error)}` };
  }
  const version = newerVersion(json);
  if (version !== undefined) {
    return { problem: `it is of version ${version}, made by a newer bot; this one knows version ${VERSION}` };
  }
  const parsed = TeamSchema.safeParse(json, { error: inPlainWords });
  if (!parsed.success) return { problem: parsed.error.issues.slice(0, 5).map(issueText).join('; ') };
  const { version: _, ...team } = parsed.data;
  return { team };
};

/** The document as it is stored, readable for people. */
export const teamText = (team: Team): string => `${JSON.stringify({ version: VERSION, ...team }, null, 2)}\n`;

/** The position, where the engine reports one. The rest of its message quotes the document, which may name people. */
const placeIn = (error: unknown): string => {
  const [, line, column] = /line (\d+) column (\d+)/.exec(String(error)) ?? [];
  return line === undefined ? '' : ` (line ${line}, column ${column})`;
};

const newerVersion = (json: unknown): number | undefined => {
  const version: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'version') : undefined;
  return typeof version === 'number' && version > VERSION ? version : undefined;
};

const issueText = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? `it ${message}` : `${z.core.toDotPath(path)} ${message}`;

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text in quotes',
  boolean: 'true or false',
  array: 'a list in [ ]',
  object: 'an object in { }',
};

/** The problem in words that follow a value's path. Never contains the value itself, which may name people. */
const inPlainWords = (issue: z.core.$ZodRawIssue): string => {
  if (issue.input === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${EXPECTED[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `is none of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'unrecognized_keys':
      return `has what this bot does not know: ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'too_small':
      return 'is empty';
    case 'too_big':
      return `is longer than ${issue.maximum} characters`;
    default:
      return 'is not as it has to be';
  }
};
