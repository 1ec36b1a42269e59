import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InviteRequest } from '../../../src/deliver/email/invite.ts';
import { createInviteKeeper, type InviteKeeper } from '../../../src/deliver/email/invite-keeper.ts';
import { T0 } from '../../support/builders.ts';
import { tempStore } from '../../support/temp.ts';
import { aCalendar } from './calendar.ts';
import { aRequest } from './invites.ts';

const MINUTE = 60_000;

/** The webhooks of a booking, in chronological order. */
type Told = {
  readonly type: string;
  readonly status: string;
  readonly start: string;
  readonly end: string;
  readonly title: string;
};

const news = (type: string, status: string, day: number, hour = 10, title = 'Fitting'): Told => ({
  type,
  status,
  start: `2027-02-${day}T${hour}:00:00Z`,
  end: `2027-02-${day}T${hour + 1}:00:00Z`,
  title,
});

/** The type takes precedence over a status, which may be outdated. */
const isRequested = ({ type, status }: Told): boolean => type !== 'booking.confirmed' && status === 'PENDING';

const LIFE: readonly Told[] = [
  news('booking.created', 'PENDING', 15),
  news('booking.confirmed', 'CONFIRMED', 15),
  news('booking.confirmed', 'CONFIRMED', 16),
  news('booking.confirmed', 'CONFIRMED', 17),
  news('booking.cancelled', 'CANCELLED', 17),
];

const dataOf = ({ start, end, status, title }: Told) => ({ start_time: start, end_time: end, status, title });

const requestOf = (id: string, life: readonly Told[], place: number, newest: number): InviteRequest => {
  const [told, latest] = [life[place], life[newest]];
  if (!told || !latest) throw new Error('no such place');
  const version = (index: number) => (T0 + index * MINUTE) * 10;
  return aRequest(
    {
      type: told.type,
      resource: { kind: 'booking', id },
      version: version(place),
      delivery: `dl_${id}_${place}`,
      latest: {
        status: latest.status,
        startsAt: Date.parse(latest.start),
        lastType: latest.type,
        version: version(newest),
        data: dataOf(latest),
      },
    },
    dataOf(told),
  );
};

/** Sends the mails in an order, repetitions included, and checks the calendar after each. */
const tell = async (keeper: InviteKeeper, id: string, life: readonly Told[], order: readonly number[]) => {
  const calendar = aCalendar();
  let newest = -1;
  for (const place of order) {
    newest = Math.max(newest, place);
    const prepared = await keeper.prepare(requestOf(id, life, place, newest));
    if ('text' in prepared) calendar.receive(prepared.text);
    const now = life[newest];
    const stands = now && now.status !== 'CANCELLED';
    expect(calendar.shown(`${id}@webkasa-bot`)).toEqual(
      stands ? { start: now.start, end: now.end, status: isRequested(now) ? 'TENTATIVE' : 'CONFIRMED' } : null,
    );
  }
};

const orders = (places: readonly number[]): number[][] =>
  places.length === 0
    ? [[]]
    : places.flatMap((place) => orders(places.filter((other) => other !== place)).map((rest) => [place, ...rest]));

test('in whatever order a booking is told, calendars show the newest of it, and in the end nothing', async () => {
  let now = T0;
  const keeper = createInviteKeeper({ store: await tempStore(), now: () => (now += 700) });
  const all = orders([0, 1, 2, 3, 4]);
  expect(all).toHaveLength(120);
  await Promise.all(all.map((order) => tell(keeper, `bk_${order.join('')}`, LIFE, order)));
});

test('told twice, each by each or all again from the start, it is the same', async () => {
  const keeper = createInviteKeeper({ store: await tempStore(), now: () => T0 });
  const all = orders([0, 1, 2, 3, 4]);
  await Promise.all(
    all.flatMap((order) => [
      tell(
        keeper,
        `bk_each_${order.join('')}`,
        LIFE,
        order.flatMap((place) => [place, place]),
      ),
      tell(keeper, `bk_again_${order.join('')}`, LIFE, [...order, ...order]),
    ]),
  );
});

const anyNews: fc.Arbitrary<Told> = fc
  .record({
    type: fc.constantFrom('booking.created', 'booking.confirmed', 'booking.rescheduled', 'booking.cancelled'),
    pending: fc.boolean(),
    day: fc.integer({ min: 15, max: 16 }),
    hour: fc.integer({ min: 10, max: 11 }),
    title: fc.constantFrom('Fitting', 'Second fitting'),
  })
  .map(({ type, pending, day, hour, title }) =>
    news(type, type === 'booking.cancelled' ? 'CANCELLED' : pending ? 'PENDING' : 'CONFIRMED', day, hour, title),
  );

test('whatever becomes of a booking, cancelled, put in again and moved in any order, calendars follow', async () => {
  const store = await tempStore();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc
        .array(anyNews, { minLength: 1, maxLength: 8 })
        .chain((life) =>
          fc.tuple(fc.constant(life), fc.array(fc.nat(life.length - 1), { minLength: 1, maxLength: 16 })),
        ),
      // A clock that stands still, runs, or is set back.
      fc.array(fc.integer({ min: -5_000, max: 90_000 }), { minLength: 1, maxLength: 16 }),
      async ([life, order], steps) => {
        runs += 1;
        let now = T0;
        let step = 0;
        const clock = () => {
          now += steps[step % steps.length] ?? 0;
          step += 1;
          return now;
        };
        await tell(createInviteKeeper({ store, now: clock }), `bk_any_${runs}`, life, order);
      },
    ),
    { numRuns: 150 },
  );
});
