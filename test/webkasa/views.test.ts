import { describe, expect, onTestFinished, test } from 'vitest';
import type { ClaimedDelivery } from '../../src/core/delivery.ts';
import { startDeliverer } from '../../src/deliver/deliverer.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createViews } from '../../src/webkasa/views.ts';
import { aReceived, aRouting, aWebhook } from '../support/builders.ts';
import { tempStore } from '../support/temp.ts';
import { BOOKING, EVENT, SCHEDULE, startWorld } from './world.ts';

const settings = { timezone: 'America/New_York', locale: 'en-US', public_url: 'http://localhost' };

const aDelivery = (type: string, data: object, rest: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  id: 'dl_1',
  rule: 'confirm',
  kind: 'email',
  destination: 'email:john@example.com',
  action: { kind: 'email', email: { to: 'john@example.com', template: 'booking-created' } },
  webhook: aWebhook({ type, data }),
  receivedAt: Date.now(),
  movedFrom: null,
  event: null,
  latest: null,
  tries: 1,
  attempt: 1,
  rerun: null,
  version: 1,
  unclear: null,
  ...rest,
});

const aBooking = (data: object = {}, rest: Partial<ClaimedDelivery> = {}): ClaimedDelivery =>
  aDelivery('booking.created', { id: 'bk_1', schedule_id: 'sch_1', ...data }, rest);

test('a mail about a booking sees its title, place, schedule and zone', async () => {
  const { finder } = await startWorld();
  const view = await createViews({ finder, settings, now: Date.now })(aBooking());
  expect(view.data).toMatchObject({ title: BOOKING.title, location: BOOKING.location, attendee_name: 'John Doe' });
  expect(view).toMatchObject({ schedule: SCHEDULE, zone: 'Europe/Lisbon' });
  expect(view.when?.text).toBe('Monday, February 15, 2027, 10:00 AM – 11:00 AM (GMT+0, Europe/Lisbon)');
});

test('a mail about a registration sees its event, and the time in its zone', async () => {
  const { finder } = await startWorld();
  const delivery = aDelivery('registration.created', { id: 'reg_1', event_id: 'evt_1' });
  const view = await createViews({ finder, settings, now: Date.now })(delivery);
  expect(view).toMatchObject({ event: EVENT, zone: 'Asia/Tokyo' });
  expect(view.when?.text).toBe('Saturday, March 20, 2027, 10:00 AM – 12:00 PM (GMT+9, Asia/Tokyo)');
});

test('a mail tells what is so since its webhook came: one that has just been read for the one before is read anew', async () => {
  const bookings = [{ ...BOOKING, location: 'To be agreed' }];
  let passed = 0;
  const now = (): number => Date.now() + passed;
  const { api, finder } = await startWorld({ bookings, now });
  const views = createViews({ finder, settings, now });
  expect((await views(aBooking())).data).toMatchObject({ location: 'To be agreed' });
  bookings[0] = { ...BOOKING, location: 'https://meet.example.com/bk_1' };
  passed = 5_000;
  const confirmed = aBooking({}, { receivedAt: now() });
  expect((await views(confirmed)).data).toMatchObject({ location: 'https://meet.example.com/bk_1' });
  await views(confirmed);
  expect(api.requests.filter((path) => path === 'bookings/bk_1')).toHaveLength(2);
});

test('without a key nothing is asked and nothing waits', async () => {
  const view = await createViews({ finder: undefined, settings, now: Date.now })(aBooking());
  expect(view).toMatchObject({ schedule: null, zone: 'America/New_York' });
});

describe('while the API fails', () => {
  test('a mail waits, ever longer and never beyond the hold, and then has what is known', async () => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'status', status: 500 });
    let passed = 0;
    const now = (): number => Date.now() + passed;
    const views = createViews({ finder, settings, now });
    const delivery = aBooking();
    const pauses: number[] = [];
    for (let tries = 0; ; tries += 1) {
      const outcome = await views(delivery).catch((error: unknown) => error);
      if (!(outcome instanceof Error)) break;
      expect(outcome).toMatchObject({ code: 'facts_missing', verdict: 'wait', retryAfterMs: expect.any(Number) });
      const pause = Number(Reflect.get(outcome, 'retryAfterMs'));
      expect(Number.isInteger(pause)).toBe(true);
      pauses.push(pause);
      passed += pause;
      expect(tries).toBeLessThan(20);
    }
    expect(pauses[0]).toBe(2_000);
    expect(now() - delivery.receivedAt).toBeLessThan(120_000);
    expect(now() - delivery.receivedAt).toBeGreaterThan(100_000);
    expect(await views(delivery)).toMatchObject({ schedule: null, zone: 'America/New_York' });
  });

  test('a registration whose event is known from its webhook waits for nobody, and nor does who only looks', async () => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'status', status: 500 });
    const views = createViews({ finder, settings, now: Date.now });
    const registration = aDelivery(
      'registration.created',
      { event_id: 'evt_1' },
      { event: { ...EVENT, title: 'Told' } },
    );
    expect((await views(registration)).event).toMatchObject({ title: 'Told' });
    expect(await views(aBooking({}, { attempt: 0 }))).toMatchObject({ schedule: null });
  });

  test('a mail whose webhook seems to come yet, as the clock was set back, does not wait until it does', async () => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'status', status: 500 });
    const views = createViews({ finder, settings, now: Date.now });
    expect(await views(aBooking({}, { receivedAt: Date.now() + 3_600_000 }))).toMatchObject({ schedule: null });
  });

  test('a mail waits though its webhook seems to come in a moment, as processes tell the time a little apart', async () => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'status', status: 500 });
    const views = createViews({ finder, settings, now: Date.now });
    const waits = { code: 'facts_missing', retryAfterMs: 2_000 };
    await expect(views(aBooking({}, { receivedAt: Date.now() + 5_000 }))).rejects.toMatchObject(waits);
  });

  test('a mail goes out by itself as soon as the hold is over, and the waiting is on record', async () => {
    const { api, finder } = await startWorld();
    api.setBehaviour({ as: 'hang' });
    const store = await tempStore();
    const views = createViews({ finder, settings, now: Date.now, hold: 2_500 });
    const told: { zone: string; after: number }[] = [];
    const began = Date.now();
    await store.accept(aReceived({ webhook: aBooking().webhook, receivedAt: began }));
    const [stored] = await store.unrouted(1);
    if (stored) await store.saveRouting(aRouting(stored, { deliveries: [{ kind: 'email' }] }));
    const done = Promise.withResolvers<void>();
    const channel = {
      kind: 'email' as const,
      concurrency: 5,
      fingerprint: () => '',
      async perform(delivery: ClaimedDelivery) {
        const { zone } = await views(delivery);
        told.push({ zone, after: Date.now() - began });
        done.resolve();
        return { summary: 'told' };
      },
    };
    const deliverer = await startDeliverer({
      store,
      channels: [channel],
      now: Date.now,
      random: Math.random,
      pressure: { high: () => false },
      log: silentLog(),
    });
    onTestFinished(() => deliverer[Symbol.asyncDispose]());
    await done.promise;
    expect(told).toHaveLength(1);
    expect(told[0]?.zone).toBe('America/New_York');
    expect(told[0]?.after).toBeGreaterThanOrEqual(2_500);
    const [webhook] = (await store.story('bk_1')).webhooks;
    expect(webhook?.deliveries[0]?.attempts[0]).toMatchObject({ outcome: 'wait', code: 'facts_missing' });
  });
});
