import { z } from 'zod';
import { atMost } from '../runtime/at-most.ts';
import type { Answer } from './answer.ts';
import { type ApiClientDeps, createApiClient } from './client.ts';
import type { FactFinder, Facts } from './facts.ts';
import { createMemory, type Found, type LookedUp } from './memory.ts';
import type { Row } from './paging.ts';
import { createRegistrations } from './registrations.ts';
import { createSchedules } from './schedules.ts';

/** Milliseconds for which objects are cached: bookings just for the mails of one webhook; events hardly change. */
const KEPT = { bookings: 30_000, events: 5 * 60_000 } as const;
const MOST_KEPT = 300;
/** How long a request may be queued. Callers stop waiting before that and ask again, and then find what was read meanwhile. */
const TURN = 90_000;

const objectSchema = z.looseObject({ data: z.looseObject({ id: z.string() }) });

/** For what has no id to be asked for. */
const NOTHING: Found<Row> = { value: null, sure: true };

/** Asks WebKasa's API for what webhooks leave out. Disposing it aborts the requests in flight. */
export const createFactFinder = (deps: ApiClientDeps): FactFinder & AsyncDisposable => {
  const { now } = deps;
  const client = createApiClient(deps);
  const memory = createMemory<Row>(MOST_KEPT, now);
  const schedules = createSchedules(client, now);
  const registrations = createRegistrations(client, now);

  const object = (kind: keyof typeof KEPT, id: unknown, since?: number): Promise<Found<Row>> => {
    if (!isId(id)) return Promise.resolve(NOTHING);
    const path = `${kind}/${id}`;
    const load = async (): Promise<LookedUp<Row>> => {
      const answer = await client.get(path, now() + TURN);
      return lookedUp(answer, id, { keep: KEPT[kind], known: memory.known(path) });
    };
    return memory.get(path, load, since);
  };
  const schedule = (id: unknown): Promise<Found<Row>> => (isId(id) ? schedules.find(id) : Promise.resolve(NOTHING));

  /** Fills in `found` piece by piece, so that a caller whose deadline passes has what came until then. */
  const gather = async (type: string, data: Row, since: number | undefined, found: Gathered): Promise<void> => {
    const kind = type.split('.')[0];
    if (kind === 'booking') {
      const own = schedule(data.schedule_id).then((value) => {
        found.schedule = value;
      });
      found.booking = await object('bookings', data.id, since);
      await own;
      if (!isId(data.schedule_id)) found.schedule = await schedule(found.booking.value?.schedule_id);
    }
    if (kind === 'registration') found.event = await object('events', data.event_id);
    if (kind === 'event') found.event = isWhole(data) ? NOTHING : await object('events', data.id, since);
  };

  /** What is cached, however old; none of it is sure until it was asked for again. */
  const cached = (type: string, data: Row): Gathered => {
    const kind = type.split('.')[0];
    const eventId = kind === 'registration' ? data.event_id : kind === 'event' ? data.id : undefined;
    const open = (value: Row | null): Found<Row> => ({ value, sure: false });
    return {
      booking: kind === 'booking' ? open(memory.known(`bookings/${data.id}`)) : NOTHING,
      schedule: kind === 'booking' ? open(schedules.known(String(data.schedule_id))) : NOTHING,
      event: eventId === undefined ? NOTHING : open(memory.known(`events/${eventId}`)),
    };
  };

  return {
    async find(type, data, deadline, since) {
      const found = cached(type, data);
      const all = gather(type, data, since, found);
      // Even while the API is busy, what is still fresh in the cache is found at once.
      await atMost(client.busy() ? 0 : Math.max(deadline - now(), 0), all);
      return factsOf(found);
    },
    registrations: (eventId, deadline, since) =>
      isId(eventId) ? registrations(eventId, deadline, since) : Promise.resolve({ registrations: [], as: 'whole' }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};

type Gathered = { booking: Found<Row>; schedule: Found<Row>; event: Found<Row> };

const factsOf = ({ booking, schedule, event }: Gathered): Facts => ({
  booking: booking.value,
  schedule: schedule.value,
  event: event.value,
  missing: !booking.sure || !schedule.sure || !event.sure,
});

/** What an answer says about the object with this id. An answer that says nothing about it leaves `known` in place. */
const lookedUp = (
  answer: Answer,
  id: string,
  { keep, known }: { readonly keep: number; readonly known: Row | null },
): LookedUp<Row> => {
  if (answer.as === 'unavailable' || answer.as === 'limited') return undefined;
  if (answer.as === 'absent') return { value: null, keep };
  const parsed = objectSchema.safeParse(answer.as === 'found' ? answer.body : undefined);
  return { value: parsed.success && parsed.data.data.id === id ? parsed.data.data : known, keep };
};

/** Ids become part of a path, so only these characters may be in them. */
const isId = (id: unknown): id is string => typeof id === 'string' && /^[\w-]{1,100}$/.test(id);

const isWhole = (event: Row): boolean =>
  ['title', 'start_date', 'timezone'].every((name) => typeof event[name] === 'string' && event[name] !== '');
