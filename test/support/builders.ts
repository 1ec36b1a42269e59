import type { Act, Actor } from '../../src/core/actor.ts';
import type { PlannedAction, PlannedDelivery } from '../../src/core/delivery.ts';
import { applyWebhook, type Resource, resourceKey } from '../../src/core/resource.ts';
import type { ActionKind, Decision } from '../../src/core/rule.ts';
import {
  createdAt,
  oddities,
  parseWebhook,
  type ReceivedWebhook,
  versionOf,
  type Webhook,
} from '../../src/core/webhook.ts';
import type { Routing, StoredWebhook } from '../../src/store/ports.ts';

/*
 * Things to test with, valid as they are: a test names only what it is about. Ids are unique within a test file.
 */

/** When built webhooks happened, unless a test says otherwise. */
export const T0 = Date.UTC(2027, 0, 15, 10, 30);

let built = 0;
const next = (): number => {
  built += 1;
  return built;
};

const ATTENDEE = { attendee_name: 'John Doe', attendee_email: 'john@example.com' };

const dataFor = (type: string): Record<string, unknown> => {
  if (type.startsWith('booking.')) {
    return {
      id: `bk_${next()}`,
      schedule_id: 'sch_abc123',
      start_time: '2027-02-15T10:00:00Z',
      end_time: '2027-02-15T11:00:00Z',
      status: 'PENDING',
      ...ATTENDEE,
    };
  }
  if (type.startsWith('event.')) {
    return {
      id: `evt_${next()}`,
      title: 'Open day',
      start_date: '2027-03-20',
      start_time: '10:00',
      end_time: '12:00',
      timezone: 'Europe/Berlin',
      status: 'published',
    };
  }
  if (type.startsWith('registration.')) {
    return { id: `reg_${next()}`, event_id: 'evt_abc123', status: 'CONFIRMED', ...ATTENDEE };
  }
  return { id: `res_${next()}` };
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A webhook of any type; an object given as `data` is laid over what WebKasa sends for that type. */
export const aWebhook = (overrides: Partial<Webhook> = {}): Webhook => {
  const type = overrides.type ?? 'booking.created';
  const given = 'data' in overrides ? overrides.data : {};
  return {
    id: `wh_evt_${next()}`,
    created_at: new Date(T0).toISOString(),
    ...overrides,
    type,
    data: isObject(given) ? { ...dataFor(type), ...given } : given,
  };
};

/** The bytes of a webhook as WebKasa would send them. */
export const bytesOf = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));

/** A webhook as the receiver hands it to the store. */
export const aReceived = (
  overrides: Partial<ReceivedWebhook> & { readonly webhook?: Webhook } = {},
): ReceivedWebhook => {
  const { webhook: given, ...rest } = overrides;
  const webhook = given ?? aWebhook({ ...(rest.id && { id: rest.id }), ...(rest.type && { type: rest.type }) });
  return { id: webhook.id, type: webhook.type, receivedAt: T0, body: bytesOf(webhook), ...rest };
};

const ACTIONS: Readonly<Record<ActionKind, PlannedAction>> = {
  email: { kind: 'email', email: { to: 'john@example.com', template: 'booking-created' } },
  slack: { kind: 'slack', slack: { channel: '#bookings', template: 'booking', as: 'card' } },
  sheet: { kind: 'sheet', sheet: { file: 'bookings.csv', columns: { Booking: 'bk_xyz789' } } },
};
const DESTINATIONS: Readonly<Record<ActionKind, string>> = {
  email: 'email:john@example.com',
  slack: 'slack:#bookings',
  sheet: 'sheet:bookings.csv',
};

/** A delivery as a rule plans it; `aRouting` fills in the webhook, its resource and its version. */
export const aPlannedDelivery = (overrides: Partial<PlannedDelivery> = {}): PlannedDelivery => {
  const kind = overrides.kind ?? 'email';
  const destination = overrides.destination ?? DESTINATIONS[kind];
  return {
    id: `dl_${next()}`,
    webhookId: 'wh_evt_0',
    rule: 'tell-guest',
    kind,
    destination,
    key: `booking:bk_xyz789 ${destination}`,
    version: T0 * 10,
    late: kind === 'email' ? 'skip' : 'deliver',
    action: ACTIONS[kind],
    ...overrides,
  };
};

/** Somebody who asks for something to be done in Slack. */
export const anActor = (overrides: Partial<Actor> = {}): Actor => ({
  id: 'U0ANNA',
  name: 'anna',
  via: 'slack',
  ...overrides,
});

/** Something that was done; a pause of a rule unless a test says otherwise. */
export const anAct = (overrides: Partial<Act> = {}): Act => ({
  at: T0,
  by: anActor(),
  kind: 'pause',
  subject: 'tell-guest',
  summary: 'tell-guest plans nothing until it is resumed',
  ...overrides,
});

/** What routing makes of a stored webhook on top of `current`, planning `deliveries`. */
export const aRouting = (
  stored: StoredWebhook,
  { current, deliveries = [], ...overrides }: RoutingOverrides = {},
): Routing => {
  const parsed = parseWebhook(stored.body);
  const webhook = 'webhook' in parsed ? parsed.webhook : { id: stored.id, type: stored.type };
  const key = resourceKey(webhook);
  const applied = key && applyWebhook(current, key, webhook, stored.receivedAt, 'UTC');
  const planned = deliveries.map((delivery) => {
    const complete = aPlannedDelivery({
      webhookId: stored.id,
      version: versionOf(webhook, stored.receivedAt),
      ...delivery,
    });
    return delivery.key ? complete : { ...complete, key: `${key?.kind}:${key?.id} ${complete.destination}` };
  });
  return {
    seq: stored.seq,
    createdAt: createdAt(webhook, stored.receivedAt),
    decidedAt: stored.receivedAt,
    decisions: decisionsOf(planned),
    deliveries: planned,
    oddities: oddities(webhook),
    movedFrom: applied?.movedFrom ?? null,
    ...(applied?.changedFrom && { changedFrom: applied.changedFrom }),
    key,
    resource: applied?.resource,
    expectedVersion: current?.version,
    ...overrides,
  };
};

type RoutingOverrides = Partial<Omit<Routing, 'deliveries'>> & {
  readonly current?: Resource | undefined;
  readonly deliveries?: readonly Partial<PlannedDelivery>[];
};

const decisionsOf = (planned: readonly PlannedDelivery[]): Decision[] =>
  [...new Set(planned.map(({ rule }) => rule))].map((rule) => ({
    rule,
    planned: planned.filter((delivery) => delivery.rule === rule).map(({ id }) => id),
    reasons: [],
  }));
