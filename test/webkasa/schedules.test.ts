import { describe, expect, test, vi } from 'vitest';
import type { ApiMisbehaviour } from '../support/webkasa-api.ts';
import { inTime, SCHEDULE, startWorld } from './world.ts';

/** A world on a clock that can be set forward, and the schedule of an id as a booking's mail would have it. */
const start = async (options: Parameters<typeof startWorld>[0] = {}) => {
  let passed = 0;
  const { api, finder } = await startWorld({ ...options, now: () => Date.now() + passed });
  let next = 0;
  return {
    api,
    /** How often the list was read from its beginning. */
    readings: () => api.requests.filter((path) => /^schedules.*offset=0$/.test(path)).length,
    forward(milliseconds: number): void {
      passed += milliseconds;
    },
    find: async (schedule_id: string) => {
      next += 1;
      const data = { id: `bk_${next}`, schedule_id };
      const { schedule, missing } = await finder.find('booking.created', data, inTime() + passed);
      return { schedule, missing };
    },
  };
};

test('schedules are read once in ten minutes', async () => {
  const { find, forward, readings } = await start();
  await find('sch_1');
  forward(9 * 60_000);
  await find('sch_1');
  expect(readings()).toBe(1);
  forward(2 * 60_000);
  expect(await find('sch_1')).toEqual({ schedule: SCHEDULE, missing: false });
  expect(readings()).toBe(2);
});

test('one that is not among them may be new, and is looked for again after a minute', async () => {
  const { find, forward, readings } = await start();
  expect(await find('sch_new')).toEqual({ schedule: null, missing: false });
  await find('sch_new');
  expect(readings()).toBe(1);
  forward(61_000);
  await find('sch_new');
  expect(readings()).toBe(2);
});

describe('what is known of a schedule stays known', () => {
  test.each<[string, ApiMisbehaviour, boolean]>([
    ['fails', { as: 'status', status: 500 }, true],
    ['breaks off', { as: 'reset' }, true],
    ['refuses the key', { as: 'status', status: 403 }, false],
    ['answers with something else', { as: 'body', body: '<html>' }, false],
    ['answers with rows of something else', { as: 'body', body: '{"data":[1,2]}' }, false],
    ['has no schedules any more', { as: 'status', status: 404 }, false],
  ])('while the API %s', async (_, behaviour, missing) => {
    const { api, find, forward } = await start();
    await find('sch_1');
    forward(11 * 60_000);
    api.setBehaviour(behaviour, 'schedules');
    expect(await find('sch_1')).toMatchObject({ schedule: SCHEDULE, missing });
  });
});

test('an API that fails at a later page is asked anew, and what a half-read list lacks is not taken for gone', async () => {
  const many = Array.from({ length: 80 }, (_, index) => ({ id: `sch_${index}`, name: `Office ${index}` }));
  const { api, find } = await start({ schedules: many });
  api.setBehaviour({ as: 'status', status: 500 }, 'schedules?limit=50&offset=40');
  expect(await find('sch_70')).toEqual({ schedule: null, missing: true });
  api.setBehaviour(undefined);
  await vi.waitFor(async () => expect(await find('sch_70')).toEqual({ schedule: many[70], missing: false }), {
    timeout: 20_000,
    interval: 100,
  });
});
