import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { BOOKING, EVENT, inTime, SCHEDULE, startWorld } from './world.ts';

const booking = { id: 'bk_1', schedule_id: 'sch_1' };

describe('what is found', () => {
  test('for a booking is the booking and its schedule', async () => {
    const { api, finder } = await startWorld();
    expect(await finder.find('booking.created', booking, inTime())).toEqual({
      booking: BOOKING,
      schedule: SCHEDULE,
      event: null,
      missing: false,
    });
    expect(api.requests.toSorted()).toEqual(['bookings/bk_1', 'schedules?limit=50&offset=0']);
  });

  test('for a booking that names no schedule is that of the booking as the API knows it', async () => {
    const { finder } = await startWorld();
    expect(await finder.find('booking.created', { id: 'bk_1' }, inTime())).toMatchObject({ schedule: SCHEDULE });
  });

  test('for a registration is its event', async () => {
    const { finder } = await startWorld();
    const facts = await finder.find('registration.created', { id: 'reg_1', event_id: 'evt_1' }, inTime());
    expect(facts).toEqual({ booking: null, schedule: null, event: EVENT, missing: false });
  });

  test('for an event is asked only where its webhook leaves something out', async () => {
    const { api, finder } = await startWorld();
    const whole = { id: 'evt_1', title: 'Open day', start_date: '2027-03-20', timezone: 'UTC' };
    await finder.find('event.updated', whole, inTime());
    expect(api.requests).toEqual([]);
    expect(await finder.find('event.updated', { ...whole, timezone: null }, inTime())).toMatchObject({ event: EVENT });
  });

  test('for a type nobody knows, or an id that is none, is nothing, and nothing is asked', async () => {
    const { api, finder } = await startWorld();
    const nothing = { booking: null, schedule: null, event: null, missing: false };
    expect(await finder.find('payment.created', booking, inTime())).toEqual(nothing);
    for (const id of ['..', '../schedules', 'a/b', 'x?y=1', '', 7, null, {}, 'b'.repeat(101)])
      expect(await finder.find('booking.created', { id, schedule_id: id }, inTime())).toEqual(nothing);
    expect(api.requests).toEqual([]);
  });

  test('is found on later pages too, also where rows move while they are read', async () => {
    const many = Array.from({ length: 130 }, (_, index) => ({ id: `sch_${index}`, name: `Office ${index}` }));
    const { finder } = await startWorld({
      schedules: many,
      betweenPages: (rows) => rows.splice(0, 3),
    });
    for (const at of [51, 99, 129])
      expect(
        (await finder.find('booking.created', { id: 'bk_1', schedule_id: `sch_${at}` }, inTime())).schedule,
      ).toEqual(many[at]);
  });
});

describe('asking little', () => {
  test('everybody who asks for the same at once shares one request, and those after them ask none', async () => {
    const { api, finder } = await startWorld();
    await Promise.all(Array.from({ length: 50 }, () => finder.find('booking.created', booking, inTime())));
    await finder.find('booking.confirmed', booking, inTime());
    expect(api.requests).toHaveLength(2);
  });

  test('what is not there is not asked for again', async () => {
    const { api, finder } = await startWorld();
    for (let round = 0; round < 3; round += 1) {
      const facts = await finder.find('booking.created', { id: 'bk_gone', schedule_id: 'sch_gone' }, inTime());
      expect(facts).toEqual({ booking: null, schedule: null, event: null, missing: false });
    }
    expect(api.requests).toHaveLength(2);
  });

  test('a booking is read again after half a minute, an event and the schedules are not', async () => {
    let passed = 0;
    const { api, finder } = await startWorld({ now: () => Date.now() + passed });
    const askAll = async (): Promise<void> => {
      await finder.find('booking.created', booking, inTime() + passed);
      await finder.find('registration.created', { event_id: 'evt_1' }, inTime() + passed);
    };
    await askAll();
    passed = 31_000;
    await askAll();
    expect(api.requests.filter((path) => path === 'bookings/bk_1')).toHaveLength(2);
    expect(api.requests).toHaveLength(4);
  });

  test('500 webhooks at once stay within a limit of a hundred a minute, and all have an answer at once', async () => {
    const bookings = Array.from({ length: 500 }, (_, index) => ({ ...BOOKING, id: `bk_${index}` }));
    const { api, finder } = await startWorld({ bookings });
    const found = await Promise.all(
      bookings.map(({ id }) => finder.find('booking.created', { id, schedule_id: 'sch_1' }, Date.now() + 1_500)),
    );
    await vi.waitFor(() => expect(api.requests).toHaveLength(100), { timeout: 20_000 });
    expect(api.refusals()).toBe(0);
    expect(found).toHaveLength(500);
    // Those that were asked for meanwhile are there now; the others are still missing, and nothing more was asked.
    const now = await Promise.all(
      bookings.map(({ id }) => finder.find('booking.created', { id, schedule_id: 'sch_1' }, Date.now() + 1_500)),
    );
    await vi.waitFor(
      async () => {
        const again = await Promise.all(
          bookings.map(({ id }) => finder.find('booking.created', { id, schedule_id: 'sch_1' }, Date.now() + 1_500)),
        );
        expect(again.filter(({ missing }) => !missing)).toHaveLength(99);
      },
      { timeout: 10_000 },
    );
    expect(now.some(({ missing }) => missing)).toBe(true);
    expect(api.requests).toHaveLength(100);
  });
});

test('nobody is kept while the limits allow no request: what is at hand is given at once', async () => {
  const { api, finder } = await startWorld({ limit: 1 });
  expect(await finder.find('registration.created', { event_id: 'evt_1' }, inTime())).toMatchObject({ missing: false });
  const before = Date.now();
  expect(await finder.find('booking.created', booking, inTime())).toMatchObject({ booking: null, missing: true });
  expect(await finder.find('registration.created', { event_id: 'evt_1' }, inTime())).toMatchObject({ event: EVENT });
  expect(Date.now() - before).toBeLessThan(5_000);
  expect(api.requests).toHaveLength(1);
});

describe('an API that fails', () => {
  test.each([
    { as: 'hang' } as const,
    { as: 'reset' } as const,
    { as: 'status', status: 500 } as const,
    { as: 'status', status: 503, headers: { 'Retry-After': '30' } } as const,
  ])('leaves facts missing, in time: %j', async (behaviour) => {
    const { api, finder } = await startWorld();
    api.setBehaviour(behaviour);
    const before = Date.now();
    const facts = await finder.find('booking.created', booking, before + 300);
    expect(Date.now() - before).toBeLessThan(3_000);
    expect(facts).toEqual({ booking: null, schedule: null, event: null, missing: true });
  });

  test('is not asked again at once, and then is, and has its answers taken', async () => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'status', status: 500 });
    await finder.find('booking.created', booking, inTime());
    const asked = api.requests.length;
    api.setBehaviour(undefined);
    expect(await finder.find('booking.created', booking, inTime())).toMatchObject({ missing: true });
    expect(api.requests).toHaveLength(asked);
    await vi.waitFor(
      async () => expect(await finder.find('booking.created', booking, inTime())).toMatchObject({ missing: false }),
      { timeout: 15_000, interval: 200 },
    );
  });

  test('that hangs holds up the first who ask, and nobody after them', async () => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'hang' });
    await finder.find('booking.created', booking, Date.now() + 1_100);
    const before = Date.now();
    for (let index = 0; index < 100; index += 1)
      await finder.find('booking.created', { ...booking, id: `bk_${index}` }, Date.now() + 60_000);
    expect(Date.now() - before).toBeLessThan(5_000);
  });

  test('that is slow is waited for in the background, so that the next who asks has the answer', async () => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'slow', milliseconds: 400 });
    expect((await finder.find('booking.created', booking, Date.now() + 50)).missing).toBe(true);
    await vi.waitFor(
      async () => expect((await finder.find('booking.created', booking, Date.now())).missing).toBe(false),
      { timeout: 10_000 },
    );
    expect(api.requests).toHaveLength(2);
  });

  test('that never answers is given up and asked anew', async () => {
    const { api, finder } = await startWorld({ timeout: 200 });
    api.setBehaviour({ as: 'hang' });
    const before = Date.now();
    expect(await finder.find('booking.created', booking, inTime())).toMatchObject({ missing: true });
    expect(Date.now() - before).toBeLessThan(5_000);
    api.setBehaviour(undefined);
    await vi.waitFor(
      async () => expect(await finder.find('booking.created', booking, inTime())).toMatchObject({ missing: false }),
      { timeout: 15_000, interval: 200 },
    );
  });

  test('still has told what it told before', async () => {
    let passed = 0;
    const { api, finder } = await startWorld({ now: () => Date.now() + passed });
    await finder.find('registration.created', { event_id: 'evt_1' }, inTime());
    passed = 10 * 60_000;
    api.setBehaviour({ as: 'status', status: 500 });
    const facts = await finder.find('registration.created', { event_id: 'evt_1' }, inTime() + passed);
    expect(facts).toMatchObject({ event: EVENT, missing: true });
  });

  test.each([
    { as: 'status', status: 403 } as const,
    { as: 'status', status: 400 } as const,
    { as: 'body', body: '<html>' } as const,
  ])('that says nothing of an event leaves what it told before, and nobody waits: %j', async (behaviour) => {
    let passed = 0;
    const { api, finder } = await startWorld({ now: () => Date.now() + passed });
    const ask = () => finder.find('registration.created', { event_id: 'evt_1' }, inTime() + passed);
    await ask();
    passed = 10 * 60_000;
    api.setBehaviour(behaviour);
    expect(await ask()).toMatchObject({ event: EVENT, missing: false });
    expect(api.requests).toHaveLength(2);
  });

  test('is asked again, and what was found is looked up anew, when the clock was set back by hours', async () => {
    let passed = 0;
    const { api, finder } = await startWorld({ now: () => Date.now() + passed });
    const askAll = async () => [
      await finder.find('booking.created', booking, inTime() + passed),
      await finder.find('registration.created', { event_id: 'evt_1' }, inTime() + passed),
    ];
    await askAll();
    api.setBehaviour({ as: 'status', status: 500, headers: { 'Retry-After': '50' } });
    await finder.find('booking.created', { id: 'bk_2' }, inTime());
    api.setBehaviour(undefined);
    passed = -3 * 3_600_000;
    const asked = api.requests.length;
    expect(await askAll()).toMatchObject([{ booking: BOOKING, schedule: SCHEDULE }, { event: EVENT }]);
    expect(api.requests.slice(asked).toSorted()).toEqual([
      'bookings/bk_1',
      'events/evt_1',
      'schedules?limit=50&offset=0',
    ]);
  });

  test('that asks to wait is left alone for so long', async () => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'status', status: 429, headers: { 'Retry-After': '2' } }, 'events');
    const before = Date.now();
    const asked = finder.find('registration.created', { event_id: 'evt_1' }, inTime());
    await eventually(() => expect(api.requests).toHaveLength(1));
    api.setBehaviour(undefined);
    expect(await asked).toMatchObject({ event: EVENT, missing: false });
    expect(Date.now() - before).toBeGreaterThanOrEqual(1_900);
    expect(api.requests).toHaveLength(2);
  });
});

describe('a key', () => {
  const logTo = (lines: string[]) => pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });

  test('that is refused is told once, in plain words and without the key, and nothing waits for it', async () => {
    const lines: string[] = [];
    const { api, finder } = await startWorld({ key: 'wk_test_wrong', log: logTo(lines) });
    for (let round = 0; round < 3; round += 1)
      expect(await finder.find('booking.created', { ...booking, id: `bk_${round}` }, inTime())).toEqual({
        booking: null,
        schedule: null,
        event: null,
        missing: false,
      });
    await finder.find('registration.created', { event_id: 'evt_1' }, inTime());
    expect(api.requests.length).toBeLessThanOrEqual(2);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('does not know WEBKASA_API_KEY');
    expect(lines[0]).not.toContain('wk_test_wrong');
  });

  test('without a scope is told to need it, and is used for the rest', async () => {
    const lines: string[] = [];
    const { api, finder } = await startWorld({ log: logTo(lines) });
    api.setBehaviour({ as: 'status', status: 403 }, 'events');
    expect(await finder.find('registration.created', { event_id: 'evt_1' }, inTime())).toMatchObject({
      missing: false,
    });
    expect(await finder.find('registration.created', { event_id: 'evt_2' }, inTime())).toMatchObject({
      missing: false,
    });
    expect(await finder.find('booking.created', booking, inTime())).toMatchObject({ booking: BOOKING });
    expect(api.requests.filter((path) => path.startsWith('events'))).toHaveLength(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('events:read');
  });

  test('never follows a redirect to somewhere else', async () => {
    const { api, finder } = await startWorld();
    const { api: other } = await startWorld();
    api.setBehaviour({ as: 'redirect', to: `${other.url}/api/v1/bookings/bk_1` });
    expect(await finder.find('booking.created', booking, inTime())).toMatchObject({ booking: null });
    expect(other.requests).toEqual([]);
  });
});

describe('odd answers', () => {
  test.each([
    'no JSON',
    '{}',
    '[]',
    'null',
    '{"data":null}',
    '{"data":"bk_1"}',
    '{"data":[{"id":"bk_1"}]}',
    '{"data":{"id":"bk_2"}}',
    '{"data":{"id":7}}',
    `{"data":{"id":"bk_1","x":"${'x'.repeat(1_100_000)}"}}`,
  ])('are none: %.40s', async (body) => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'body', body }, 'bookings');
    expect(await finder.find('booking.created', booking, inTime())).toMatchObject({
      booking: null,
      schedule: SCHEDULE,
      missing: false,
    });
  });

  test('that are nested two hundred thousand levels deep harm nobody', async () => {
    const { api, finder } = await startWorld();
    const depth = 200_000;
    api.setBehaviour(
      { as: 'body', body: `{"data":{"id":"bk_1","x":${'['.repeat(depth)}${']'.repeat(depth)}}}` },
      'bookings',
    );
    const { booking: found } = await finder.find('booking.created', booking, inTime());
    expect(found?.id).toBe('bk_1');
    expect(() => JSON.stringify(found)).not.toThrow();
  });

  test('of any kind never reject and never name another booking', async () => {
    const { api, finder } = await startWorld();
    let next = 0;
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (data) => {
        api.setBehaviour({ as: 'body', body: JSON.stringify({ data, meta: data }) });
        next += 1;
        const facts = await finder.find('booking.created', { id: `bk_odd_${next}`, schedule_id: 'sch_odd' }, inTime());
        expect(facts.booking).toBeNull();
      }),
      { numRuns: 60 },
    );
  });
});
