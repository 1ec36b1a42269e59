import { z } from 'zod';
import { dataProblems } from './webhook-data.ts';

/** The nine types that WebKasa documents. Any other type is accepted and kept too. */
export const KNOWN_TYPES = [
  'booking.created',
  'booking.confirmed',
  'booking.cancelled',
  'booking.completed',
  'event.created',
  'event.updated',
  'event.cancelled',
  'registration.created',
  'registration.cancelled',
] as const;

export type KnownType = (typeof KNOWN_TYPES)[number];

export const isKnownType = (type: string): type is KnownType => (KNOWN_TYPES as readonly string[]).includes(type);

/** One notification as WebKasa sent it, parsed. Everything beyond `id` and `type` may be missing or odd. */
export type Webhook = {
  readonly id: string;
  readonly type: string;
  readonly created_at?: unknown;
  readonly data?: unknown;
};

/** What the receiver hands to the store: the exact bytes, and the two fields needed to keep them. */
export type ReceivedWebhook = {
  readonly id: string;
  readonly type: string;
  /** Unix milliseconds at which the request was read. */
  readonly receivedAt: number;
  readonly body: Uint8Array;
};

const envelope = z.looseObject({ id: z.string().min(1), type: z.string().min(1) });

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A megabyte can nest half a million levels deep; copying between threads and templates recurse, and would overflow. */
const MOST_LEVELS = 100;

/** Puts a remark in the place of whatever is nested deeper than `levels`. */
export const prune = (value: unknown, levels: number): void => {
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>;
  for (const [name, field] of Object.entries(fields)) {
    if (typeof field !== 'object' || field === null) continue;
    if (levels === 0) fields[name] = '(nested too deeply)';
    else prune(field, levels - 1);
  }
};

/**
 * Parses the bytes of a webhook: strict UTF-8 (RFC 8259 §8.1: no byte order mark), a JSON object, a string `id` and a
 * string `type`. Returns the problem as a sentence when it is none of these; never throws. What is nested more than a
 * hundred levels deep is left out of the result.
 */
export const parseWebhook = (body: Uint8Array): { webhook: Webhook } | { problem: string } => {
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(body));
  } catch (error) {
    return { problem: error instanceof SyntaxError ? 'The body is not JSON.' : 'The body is not valid UTF-8.' };
  }
  const parsed = envelope.safeParse(json);
  if (parsed.success) {
    prune(json, MOST_LEVELS);
    return { webhook: json as Webhook };
  }
  const fields = new Set(parsed.error.issues.map((issue) => issue.path.join('.')));
  if (fields.has('')) return { problem: 'The body is not a JSON object.' };
  return { problem: `The body has no string ${[...fields].map((field) => `"${field}"`).join(' and no string ')}.` };
};

/** `data` where it is an object, else an empty one: what WebKasa's pages do not promise, nothing relies on. */
export const dataOf = (webhook: Webhook): Readonly<Record<string, unknown>> =>
  typeof webhook.data === 'object' && webhook.data !== null && !Array.isArray(webhook.data)
    ? (webhook.data as Record<string, unknown>)
    : {};

/** Whether an address is the one that the attendee gave; case and spaces around it don't matter. */
export const isAttendeeAddress = (webhook: Webhook, address: string): boolean => {
  const { attendee_email } = dataOf(webhook);
  return typeof attendee_email === 'string' && attendee_email.trim().toLowerCase() === address.trim().toLowerCase();
};

/** The last year that ISO 8601 writes in four digits; ten times as much is still an exact number (see versionOf). */
const LATEST = Date.UTC(10_000, 0);

/** When WebKasa says it happened, in Unix milliseconds; when we received it where `created_at` can't be read. */
export const createdAt = (webhook: Webhook, receivedAt: number): number => {
  const text = typeof webhook.created_at === 'string' ? webhook.created_at : '';
  // Without an offset Date.parse would take the zone of this machine; WebKasa writes UTC.
  const time = Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
  return time > 0 && time < LATEST ? time : receivedAt;
};

const RANK_BY_VERB: ReadonlyMap<string, number> = new Map([
  ['created', 0],
  ['completed', 2],
  ['cancelled', 3],
]);

/** However wrong a clock is, a webhook from more than a year ahead has no time at all, but a placeholder such as 2099. */
const MOST_AHEAD = 366 * 24 * 3_600_000;

/**
 * The place of a webhook among those of its resource, as one number that sorts: `created_at` first, and for two of the
 * same instant the life cycle (created, then changes, completed, cancelled). A time more than a year ahead counts as that
 * of the receipt: otherwise all that comes after it would look late, for years, and a cancellation would not be told.
 */
export const versionOf = (webhook: Webhook, receivedAt: number): number => {
  const created = createdAt(webhook, receivedAt);
  const at = created > receivedAt + MOST_AHEAD ? receivedAt : created;
  return Math.trunc(at) * 10 + (RANK_BY_VERB.get(webhook.type.split('.')[1] ?? '') ?? 1);
};

/** What is unusual about a webhook that was accepted all the same: an unknown type, data that fits no schema. */
export const oddities = (webhook: Webhook): string[] =>
  isKnownType(webhook.type)
    ? dataProblems(webhook.type, webhook.data)
    : [`"${webhook.type}" is not a type WebKasa documents`];
