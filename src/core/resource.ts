import { changesBetween } from './changes.ts';
import { dataOf, versionOf, type Webhook } from './webhook.ts';
import { isTimeZone } from './webhook-data.ts';

/** The booking, event or registration that webhooks are about, in its newest known state. */
export type Resource = {
  /** The part of the type before the dot: `booking`, `event`, `registration`, or whatever an unknown type says. */
  readonly kind: string;
  readonly id: string;
  readonly status: string | null;
  readonly title: string | null;
  readonly attendeeName: string | null;
  readonly attendeeEmail: string | null;
  readonly scheduleId: string | null;
  readonly eventId: string | null;
  /** The start as the data names it: an instant for a booking, a local date (and time) for an event. */
  readonly start: string | null;
  /** The same in Unix milliseconds, where it can be told. */
  readonly startsAt: number | null;
  /** The newest known start that differs from `start` (null where that webhook named none), and the version it was seen at. */
  readonly previousStart: string | null;
  readonly previousStartVersion: number;
  readonly lastType: string;
  readonly lastWebhookId: string;
  /** See versionOf: what is older than this never overwrites. */
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>>;
};

export type ResourceKey = { readonly kind: string; readonly id: string };

const string = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Which resource a webhook is about; undefined where its data has no id. */
export const resourceKey = (webhook: Webhook): ResourceKey | undefined => {
  const id = dataOf(webhook).id;
  const usable = typeof id === 'string' || typeof id === 'number' ? String(id) : '';
  return usable ? { kind: webhook.type.split('.')[0] ?? webhook.type, id: usable } : undefined;
};

/** The start as the data names it, see Resource; null where it names none. */
export const startOf = (data: Readonly<Record<string, unknown>>): string | null => {
  const date = string(data.start_date);
  const time = string(data.start_time);
  if (date) return time ? `${date}T${time}` : date;
  const instant = time === null ? null : instantOf(time);
  return instant === null ? time : new Date(instant).toISOString();
};

/** Unix milliseconds of an ISO 8601 time that names its offset; null for any other text, a local time for one. */
const instantOf = (time: string): number | null => {
  try {
    return Temporal.Instant.from(time).epochMilliseconds;
  } catch {
    return null;
  }
};

const startsAtOf = (start: string | null, zone: string): number | null => {
  if (start === null) return null;
  if (start.endsWith('Z')) return instantOf(start);
  try {
    return Temporal.PlainDateTime.from(start).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    return null;
  }
};

const stateFrom = (key: ResourceKey, webhook: Webhook, receivedAt: number, zone: string): Resource => {
  const data = dataOf(webhook);
  const start = startOf(data);
  const own = string(data.timezone);
  return {
    ...key,
    status: string(data.status),
    title: string(data.title),
    attendeeName: string(data.attendee_name),
    attendeeEmail: string(data.attendee_email),
    scheduleId: string(data.schedule_id),
    eventId: string(data.event_id),
    start,
    startsAt: startsAtOf(start, own && isTimeZone(own) ? own : zone),
    previousStart: null,
    previousStartVersion: 0,
    lastType: webhook.type,
    lastWebhookId: webhook.id,
    version: versionOf(webhook, receivedAt),
    data,
  };
};

/**
 * The state of a resource after one more webhook, whatever order they arrive in: an older one never overwrites newer
 * state, and the outcome is the same for every order. Of two of the same version the one that arrives later counts as
 * newer, as it does among deliveries. `zone` is used for local times whose data names no zone.
 * `movedFrom` is the start that this webhook moved the resource away from, null where it moved nothing; `changedFrom` is
 * what of the newest state known before it changed, see changesBetween.
 */
export const applyWebhook = (
  current: Resource | undefined,
  key: ResourceKey,
  webhook: Webhook,
  receivedAt: number,
  zone: string,
): Applied => {
  const next = stateFrom(key, webhook, receivedAt, zone);
  if (!current) return { resource: next, stale: false, movedFrom: null, changedFrom: undefined };
  const stale = next.version < current.version;
  const [newer, older] = stale ? [current, next] : [next, current];
  // A missing start counts as a start here: were it passed over, the outcome would depend on the order.
  const differs = older.start !== newer.start;
  const seen = differs && older.version >= current.previousStartVersion;
  const resource: Resource = {
    ...newer,
    previousStart: seen ? older.start : current.previousStart,
    previousStartVersion: seen ? older.version : current.previousStartVersion,
  };
  return {
    resource,
    stale,
    movedFrom: !stale && differs && newer.start !== null ? older.start : null,
    changedFrom: stale ? undefined : changesBetween(older.data, newer.data),
  };
};

export type Applied = {
  readonly resource: Resource;
  /** Whether something newer was known. */
  readonly stale: boolean;
  readonly movedFrom: string | null;
  readonly changedFrom: Resource['data'] | undefined;
};
