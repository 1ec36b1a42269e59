import { expect, test } from 'vitest';
import type { ClaimedDelivery } from '../../../src/core/delivery.ts';
import { DeliveryError } from '../../../src/core/errors.ts';
import { tempStore } from '../../support/temp.ts';
import { aCalendar, inviteIn } from './calendar.ts';
import { channelTo, delivery, NOW, tools } from './channel.ts';
import { connect, serve } from './mails.ts';

/* A registration's calendar entry while it and its event change, by the mails about both. */

type Told = { readonly type: string; readonly date: string; readonly status?: string };

const MOVES: readonly Told[] = [
  { type: 'registration.created', date: '2027-03-20' },
  { type: 'event.updated', date: '2027-03-21' },
  { type: 'event.updated', date: '2027-03-22' },
];
const lives: readonly (readonly Told[])[] = [
  [...MOVES, { type: 'registration.cancelled', date: '2027-03-22', status: 'CANCELLED' }],
  [...MOVES, { type: 'event.cancelled', date: '2027-03-22', status: 'cancelled' }],
  // No mail about the move after a cancellation before it, unless the cancellation became known only afterwards.
  [
    { type: 'registration.created', date: '2027-03-20' },
    { type: 'registration.cancelled', date: '2027-03-20', status: 'CANCELLED' },
    { type: 'event.updated', date: '2027-03-21' },
  ],
];

const versionAt = (place: number): number => (NOW - 3_600_000 + place * 60_000) * 10;
const isOfEvent = ({ type }: Told): boolean => type.startsWith('event.');
const isEnd = ({ status }: Told): boolean => status !== undefined;

const eventData = ({ date, status, type }: Told) => ({
  id: 'evt_1',
  title: 'Open day',
  start_date: date,
  status: type === 'event.cancelled' ? status : 'published',
});
const registrationData = (id: string, { status, type }: Told) => ({
  id,
  event_id: 'evt_1',
  status: type === 'registration.cancelled' ? status : 'CONFIRMED',
  attendee_email: 'john@example.com',
});

/** The delivery of one step in a life, as the store claims it once `known` steps have come. */
const mailOf = (id: string, life: readonly Told[], place: number, known: readonly number[]): ClaimedDelivery => {
  const at = (index: number): Told => life[index] ?? { type: '', date: '' };
  const newest = (of: (told: Told) => boolean): number => Math.max(-1, ...known.filter((index) => of(at(index))));
  const [event, own] = [newest(isOfEvent), newest((told) => !isOfEvent(told))];
  const told = at(place);
  const state = (index: number, data: Readonly<Record<string, unknown>>) => ({
    status: at(index).status ?? null,
    startsAt: isOfEvent(at(index)) ? Date.parse(at(index).date) : null,
    lastType: at(index).type,
    version: versionAt(index),
    data,
  });
  // The registration is known from the API where no webhook has come yet.
  const registration = { id, data: registrationData(id, at(Math.max(own, 0))), version: own < 0 ? 0 : versionAt(own) };
  return delivery(
    { invite: true, ...(isOfEvent(told) && { registration }) },
    {
      id: `dl_${id}_${place}_${known.length}`,
      version: versionAt(place),
      receivedAt: NOW,
      webhook: {
        id: `wh_${id}_${place}`,
        type: told.type,
        data: isOfEvent(told) ? eventData(told) : registrationData(id, told),
      },
      event: isOfEvent(told) ? null : eventData(event < 0 ? at(0) : at(event)),
      latest: isOfEvent(told) ? state(event, eventData(at(event))) : state(own, registrationData(id, at(own))),
      ...(own >= 0 && isOfEvent(told) && { registration: { id, ...state(own, registrationData(id, at(own))) } }),
    },
  );
};

const orders = (places: readonly number[]): number[][] =>
  places.length === 0
    ? [[]]
    : places.flatMap((place) => orders(places.filter((other) => other !== place)).map((rest) => [place, ...rest]));

test('in whatever order an event is moved and somebody is registered, and either is cancelled, calendars follow', async () => {
  const server = await serve();
  const channel = await channelTo(server.url, { store: await tempStore(), transport: connect(server.url) });
  const told = lives.flatMap((life, index) =>
    orders([...life.keys()]).map((order) => ({ id: `reg_${index}_${order.join('')}`, life, order })),
  );
  await Promise.all(
    told.map(async ({ id, life, order }) => {
      for (const [index, place] of order.entries()) {
        try {
          await channel.perform(mailOf(id, life, place, order.slice(0, index + 1)), tools);
        } catch (error) {
          if (!(error instanceof DeliveryError) || error.verdict !== 'obsolete') throw error;
        }
      }
    }),
  );

  const mails = await server.parsed();
  for (const { id, life, order } of told) {
    const calendar = aCalendar();
    const own = mails.filter(({ messageId }) => messageId?.startsWith(`<dl_${id}_`));
    const shown = order.map((place, index) => {
      const known = order.slice(0, index + 1);
      for (const mail of own.filter(({ messageId }) => messageId?.startsWith(`<dl_${id}_${place}_`))) {
        const invite = inviteIn(mail);
        if (invite) calendar.receive(invite);
      }
      const ended = known.some((each) => isEnd(life[each] ?? { type: '', date: '' }));
      const newest = Math.max(0, ...known);
      return {
        calendar: calendar.shown(`${id}@webkasa-bot`)?.start ?? null,
        expected: ended ? null : (life[newest]?.date ?? null),
      };
    });
    expect(
      shown.map((one) => one.calendar),
      id,
    ).toEqual(shown.map((one) => one.expected));
    expect(new Set(own.map(({ messageId }) => messageId)).size).toBe(own.length);
  }
});
