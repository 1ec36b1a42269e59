import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import type { FactFinder } from '../../src/webkasa/facts.ts';
import { eventually } from '../support/eventually.ts';
import type { ApiObject } from '../support/webkasa-api.ts';
import { inTime, startWorld } from './world.ts';

const LIST = 'events/evt_1/registrations';

const aRegistration = (index: number): ApiObject => ({
  id: `reg_${index}`,
  event_id: 'evt_1',
  attendee_name: `Guest ${index}`,
  attendee_email: `guest${index}@example.com`,
  status: index % 7 === 0 ? 'CANCELLED' : 'CONFIRMED',
  guest_count: 1,
});

const registered = (count: number): ApiObject[] => Array.from({ length: count }, (_, index) => aRegistration(index));

/** The whole list: on a busy machine an answer may seem to hang, and then whoever asks is to ask again. */
const wholeList = (finder: FactFinder, eventId = 'evt_1', passed = 0) =>
  vi.waitFor(
    async () => {
      const { registrations, as } = await finder.registrations(eventId, inTime() + passed);
      expect(as).toBe('whole');
      return registrations;
    },
    { timeout: 20_000 },
  );

const idsOf = (rows: readonly Readonly<Record<string, unknown>>[]): unknown[] => rows.map(({ id }) => id);

describe('who is registered for an event', () => {
  test('is read page after page, each as it came and once', async () => {
    const { api, finder } = await startWorld({ registrations: { evt_1: registered(250), evt_2: [] } });
    expect(await wholeList(finder)).toEqual(registered(250));
    expect(api.requests).toEqual([0, 90, 180, 240].map((offset) => `${LIST}?limit=100&offset=${offset}`));
    expect(await wholeList(finder, 'evt_2')).toEqual([]);
  });

  test('is whole also where rows move between the pages, and what the API says of the total is wrong', async () => {
    const metas = [
      () => undefined,
      () => ({ total: 3, hasMore: false }),
      () => ({ total: 1e9, hasMore: true }),
      () => 'none',
    ];
    for (const meta of metas) {
      const gone = new Set<string>();
      let page = 0;
      const { finder } = await startWorld({
        registrations: { evt_1: registered(260) },
        meta,
        betweenPages: (rows) => {
          page += 1;
          if (page > 5) return;
          // More than pages overlap by, and in front of what is read next.
          for (const { id } of rows.splice(page, 35)) gone.add(id);
          rows.splice(60, 0, ...registered(12).map(({ id, ...rest }) => ({ ...rest, id: `${id}_new${page}` })));
        },
      });
      const registrations = await wholeList(finder);
      const stayed = registered(260).filter(({ id }) => !gone.has(id));
      expect(idsOf(registrations)).toEqual(expect.arrayContaining(idsOf(stayed)));
      expect(new Set(idsOf(registrations)).size).toBe(registrations.length);
    }
  });

  test('is read in smaller pages where large ones are not given, or are too large', async () => {
    const capped = await startWorld({ registrations: { evt_1: registered(120) }, mostRows: 25 });
    expect(await wholeList(capped.finder)).toHaveLength(120);

    const refusing = await startWorld({ registrations: { evt_1: registered(120) } });
    refusing.api.setBehaviour({ as: 'status', status: 400 }, `${LIST}?limit=100`);
    expect(await wholeList(refusing.finder)).toHaveLength(120);

    const notes = 'x'.repeat(12_000);
    const long = registered(120).map((row) => ({ ...row, notes }));
    const { finder } = await startWorld({ registrations: { evt_1: long } });
    expect(await wholeList(finder)).toEqual(long);
  });

  test('is nobody for an event that the API does not know, and nothing is asked about an id that is none', async () => {
    const { api, finder } = await startWorld();
    expect(await wholeList(finder, 'evt_gone')).toEqual([]);
    const asked = api.requests.length;
    for (const id of ['', '..', 'a/b', '../schedules', 'x?y'])
      expect(await finder.registrations(id, inTime())).toEqual({ registrations: [], as: 'whole' });
    expect(api.requests).toHaveLength(asked);
  });

  test('are never those of another event', async () => {
    const rows = [aRegistration(1), { ...aRegistration(2), event_id: 'evt_2' }, { id: 'reg_3', status: 'PENDING' }];
    const { finder } = await startWorld({ registrations: { evt_1: rows } });
    expect(idsOf(await wholeList(finder))).toEqual(['reg_1', 'reg_3']);
  });
});

describe('asking little', () => {
  test('all who ask at once share one reading, which serves for a minute', async () => {
    let passed = 0;
    const { api, finder } = await startWorld({
      registrations: { evt_1: registered(30) },
      now: () => Date.now() + passed,
    });
    const all = await Promise.all(Array.from({ length: 40 }, () => wholeList(finder)));
    for (const list of all) expect(list).toHaveLength(30);
    expect(api.requests).toHaveLength(2);
    passed = 55_000;
    await wholeList(finder, 'evt_1', passed);
    expect(api.requests).toHaveLength(2);
    passed = 61_000;
    await wholeList(finder, 'evt_1', passed);
    expect(api.requests).toHaveLength(4);
  });

  test('a list that was begun before a change came is read anew for those who tell of the change', async () => {
    let passed = 0;
    const { api, finder } = await startWorld({
      registrations: { evt_1: registered(30) },
      now: () => Date.now() + passed,
    });
    await wholeList(finder);
    passed = 5_000;
    const since = Date.now() + passed;
    const anew = await finder.registrations('evt_1', inTime() + passed, since);
    expect(anew.as).toBe('whole');
    expect(api.requests).toHaveLength(4);
    await finder.registrations('evt_1', inTime() + passed, since);
    // That came to another process, whose clock is a little ahead.
    await finder.registrations('evt_1', inTime() + passed, since + 2_000);
    expect(api.requests).toHaveLength(6);
    // The clock was set back since that came.
    await finder.registrations('evt_1', inTime() + passed, since + 3_600_000);
    expect(api.requests).toHaveLength(6);
  });

  test('a list that takes longer than the limits allow is never asked for beyond them', async () => {
    const { api, finder } = await startWorld({ registrations: { evt_1: registered(400) }, mostRows: 20, limit: 15 });
    await finder.registrations('evt_1', Date.now() + 100);
    await vi.waitFor(() => expect(api.requests).toHaveLength(15), { timeout: 20_000 });
    // It waits for its turn in the background by now, and whoever asks has what was read.
    const part = await finder.registrations('evt_1', inTime());
    expect(part.as).toBe('failed');
    expect(part.registrations.length).toBeGreaterThan(100);
    expect(api.requests).toHaveLength(15);
    expect(api.refusals()).toBe(0);
  });

  test('lists of many events that are asked for at once are each read once', async () => {
    const events = Array.from({ length: 30 }, (_, index) => `evt_${index}`);
    const registrations = Object.fromEntries(
      events.map((event_id, index) => [event_id, [{ id: `reg_${index}`, event_id }]]),
    );
    const { api, finder } = await startWorld({ registrations });
    const lists = await Promise.all(events.map((id) => wholeList(finder, id)));
    expect(lists.map(idsOf)).toEqual(events.map((_, index) => [`reg_${index}`]));
    expect(api.requests).toHaveLength(2 * events.length);
  });
});

describe('an API that fails', () => {
  test.each([
    { as: 'hang' } as const,
    { as: 'reset' } as const,
    { as: 'status', status: 500 } as const,
    { as: 'status', status: 429, headers: { 'Retry-After': '300' } } as const,
    { as: 'body', body: '<html>' } as const,
    { as: 'body', body: '{"data":[null]}' } as const,
    { as: 'redirect', to: 'http://127.0.0.1:9/' } as const,
  ])('in the middle of a list leaves what was read, in time: %j', async (behaviour) => {
    let pages = 0;
    const { api, finder } = await startWorld({
      registrations: { evt_1: registered(250) },
      betweenPages: () => {
        pages += 1;
        if (pages === 2) api.setBehaviour(behaviour);
      },
    });
    // The third page is the first that misbehaves.
    await vi.waitFor(
      async () => {
        const before = Date.now();
        const list = await finder.registrations('evt_1', before + 1_500);
        expect(Date.now() - before).toBeLessThan(5_000);
        expect(list).toEqual({ registrations: registered(190), as: 'failed' });
      },
      { timeout: 20_000 },
    );
  });

  test('is read on from where it failed', async () => {
    const { api, finder } = await startWorld({ registrations: { evt_1: registered(250) } });
    api.setBehaviour({ as: 'status', status: 500 }, `${LIST}?limit=100&offset=180`);
    await vi.waitFor(
      async () =>
        expect(await finder.registrations('evt_1', inTime())).toEqual({ registrations: registered(190), as: 'failed' }),
      { timeout: 20_000 },
    );
    api.setBehaviour(undefined);
    expect(await wholeList(finder)).toEqual(registered(250));
    expect(api.requests.filter((path) => path.endsWith('offset=0'))).toHaveLength(1);
  });

  test('for longer is read from the beginning again, as who was registered may not be any more', async () => {
    let passed = 0;
    const { api, finder } = await startWorld({
      registrations: { evt_1: registered(250) },
      now: () => Date.now() + passed,
    });
    api.setBehaviour({ as: 'status', status: 500 }, `${LIST}?limit=100&offset=180`);
    await vi.waitFor(
      async () => expect((await finder.registrations('evt_1', inTime())).registrations).toHaveLength(190),
      { timeout: 20_000 },
    );
    for (const milliseconds of [30_000, 70_000]) {
      passed = milliseconds;
      await finder.registrations('evt_1', inTime() + passed);
    }
    api.setBehaviour(undefined);
    expect(await wholeList(finder, 'evt_1', passed)).toEqual(registered(250));
    expect(api.requests.filter((path) => path.endsWith('offset=0'))).toHaveLength(2);
  });

  test('and takes longer than a list is kept is not asked twice at the same time', async () => {
    let passed = 0;
    const { api, finder } = await startWorld({
      registrations: { evt_1: registered(30) },
      now: () => Date.now() + passed,
    });
    api.setBehaviour({ as: 'hang' }, LIST);
    await finder.registrations('evt_1', inTime());
    passed = 61_000;
    await finder.registrations('evt_1', Date.now() + passed);
    // A request of somebody else's: whatever was asked before it has come in by then.
    await (await fetch(`${api.url}/api/v1/visit`)).text();
    expect(api.requests.filter((path) => path.startsWith(LIST))).toHaveLength(1);
  });

  test('and has no list to give is not asked for it again and again', async () => {
    const { api, finder } = await startWorld({ registrations: { evt_1: registered(10) } });
    api.setBehaviour({ as: 'body', body: '<html>' }, LIST);
    for (let round = 0; round < 5; round += 1)
      expect(await finder.registrations('evt_1', inTime())).toEqual({ registrations: [], as: 'failed' });
    expect(api.requests).toHaveLength(2);
  });

  test('keeps nobody beyond the deadline, and is waited for in the background', async () => {
    let pages = 0;
    const { api, finder } = await startWorld({
      registrations: { evt_1: registered(30) },
      betweenPages: () => {
        pages += 1;
      },
    });
    api.setBehaviour({ as: 'slow', milliseconds: 900 });
    expect(await finder.registrations('evt_1', Date.now() + 50)).toEqual({ registrations: [], as: 'failed' });
    expect(pages).toBe(0);
    expect(await wholeList(finder)).toEqual(registered(30));
    expect(api.requests).toHaveLength(2);
  });

  test.each([{ as: 'hang' } as const, { as: 'status', status: 429, headers: { 'Retry-After': '300' } } as const])(
    'keeps nobody who has long: their place is needed for other mails: %j',
    async (behaviour) => {
      const { api, finder } = await startWorld({ registrations: { evt_1: registered(30) } });
      api.setBehaviour(behaviour);
      const before = Date.now();
      expect(await finder.registrations('evt_1', before + 60_000)).toEqual({ registrations: [], as: 'failed' });
      expect(Date.now() - before).toBeLessThan(8_000);
    },
  );

  test('never keeps a bot from stopping', async () => {
    const { api, finder } = await startWorld({ registrations: { evt_1: registered(30) } });
    api.setBehaviour({ as: 'hang' });
    const asked = finder.registrations('evt_1', inTime() + 60_000);
    await eventually(() => expect(api.requests).toHaveLength(1));
    const before = Date.now();
    await finder[Symbol.asyncDispose]();
    // Sooner than the request would be given up.
    expect(Date.now() - before).toBeLessThan(8_000);
    expect(await asked).toEqual({ registrations: [], as: 'failed' });
  });
});

describe('a key', () => {
  const logTo = (lines: string[]) => pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });

  test('without the scope is told to need it, once, and is used for the rest', async () => {
    const lines: string[] = [];
    const { api, finder } = await startWorld({
      registrations: { evt_1: registered(30) },
      scopes: ['bookings:read', 'events:read'],
      log: logTo(lines),
    });
    for (let round = 0; round < 3; round += 1)
      expect(await finder.registrations('evt_1', inTime())).toEqual({ registrations: [], as: 'refused' });
    expect(await finder.find('registration.created', { event_id: 'evt_1' }, inTime())).toMatchObject({
      event: { id: 'evt_1' },
      missing: false,
    });
    expect(api.requests.filter((path) => path.startsWith(LIST))).toHaveLength(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('registrations:read');
  });

  test('that is unknown is told so once, whatever is asked', async () => {
    const lines: string[] = [];
    const { api, finder } = await startWorld({ key: 'wk_test_wrong', log: logTo(lines) });
    expect(await finder.registrations('evt_1', inTime())).toEqual({ registrations: [], as: 'refused' });
    await finder.find('registration.created', { event_id: 'evt_1' }, inTime());
    await finder.find('booking.created', { id: 'bk_1' }, inTime());
    expect(api.requests).toHaveLength(1);
    expect(lines).toHaveLength(1);
  });
});
