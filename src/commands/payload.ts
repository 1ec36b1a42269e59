import { randomBytes } from 'node:crypto';
import type { KnownType } from '../core/webhook.ts';
import { SAMPLES } from '../samples/index.ts';

/** The body of a webhook, as a mutable object. */
export type Payload = { [name: string]: unknown };

/**
 * The sample of a type as if it happened now (`now` in Unix milliseconds), with a new webhook id. All samples of a kind are
 * about the same booking, event or registration, which starts on a Monday soon.
 */
export const freshPayload = (type: KnownType, now: number): Payload => {
  const sample: Payload = structuredClone(SAMPLES[type]);
  const data: Payload = { ...(sample.data as Payload) };
  const day = comingMonday(now);
  // The start stays the same for a week, so that a second webhook does not look like a move.
  for (const field of ['start_time', 'end_time']) {
    const time = data[field];
    if (typeof time === 'string' && time.includes('T')) data[field] = `${day}${time.slice(time.indexOf('T'))}`;
  }
  if ('start_date' in data) data.start_date = day;
  return { ...sample, id: freshId('wh_evt_'), created_at: new Date(now).toISOString(), data };
};

/** A copy with a new webhook id and, if it is about a resource, a new resource id. */
export const ofItsOwn = (payload: Payload): Payload => {
  const data = isObject(payload.data) ? payload.data : undefined;
  const prefix = typeof data?.id === 'string' ? (/^[a-z]+_/.exec(data.id)?.[0] ?? 'bk_') : 'bk_';
  return { ...payload, id: freshId('wh_evt_'), ...(data && { data: { ...data, id: freshId(prefix) } }) };
};

const freshId = (prefix: string): string => `${prefix}${randomBytes(8).toString('hex')}`;

export const isObject = (value: unknown): value is Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first Monday that is at least a week away. */
const comingMonday = (now: number): string => {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO('UTC').toPlainDate();
  return today.add({ days: 7 + ((8 - today.dayOfWeek) % 7) }).toString();
};

/** Keys that lead to an object's prototype; setting them would change more than the payload. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Applies an assignment such as `data.attendee_name=Zoë` to a copy. A value that parses as JSON is JSON (`true`, `3`, `null`,
 * `["a"]`), any other is text. Returns a problem, as a sentence, if the field can't be set.
 */
export const setField = (payload: Payload, assignment: string): { payload: Payload } | { problem: string } => {
  const equals = assignment.indexOf('=');
  const path = assignment.slice(0, Math.max(equals, 0)).split('.');
  if (equals < 1 || path.includes('')) return { problem: `"${assignment}" is not of the form data.field=value.` };
  const forbidden = path.find((name) => FORBIDDEN.has(name));
  if (forbidden) return { problem: `"${forbidden}" can't be set.` };
  const changed = structuredClone(payload);
  let at: Payload | unknown[] = changed;
  for (const [index, name] of path.slice(0, -1).entries()) {
    const next: unknown = Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined;
    if (next !== undefined && next !== null && !isObject(next) && !Array.isArray(next)) {
      return { problem: `${path.slice(0, index + 1).join('.')} is no object: nothing can be set in it.` };
    }
    const inner: Payload | unknown[] = next ?? {};
    Reflect.set(at, name, inner);
    at = inner;
  }
  Reflect.set(at, path.at(-1) ?? '', readValue(assignment.slice(equals + 1)));
  return { payload: changed };
};

const readValue = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
