import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { call } from '../commands/world.ts';
import { aWebhook } from '../support/builders.ts';
import { startWebKasaApi, type WebKasaApiOptions } from '../support/webkasa-api.ts';
import { startWorld, wordsOf } from './slack-world.ts';

const RULES = `
rules:
  - id: mail
    on: [booking.created]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
  - id: team
    on: [booking.created]
    actions:
      - slack: { template: booking }
  - id: everyone
    on: [event.cancelled]
    actions:
      - email: { to: everyone-registered, template: event-cancelled }
`;

const BOOKING = { id: 'bk_1', schedule_id: 'sch_1', title: 'First consultation' };
const SCHEDULE = { id: 'sch_1', name: 'Lisbon office', timezone: 'Europe/Lisbon' };

const EVENT = { id: 'evt_1', title: 'Open day', start_date: '2099-03-20', start_time: '10:00', timezone: 'Asia/Tokyo' };

const aRegistration = (number: number) => ({
  id: `reg_${number}`,
  event_id: EVENT.id,
  attendee_name: `Guest ${number}`,
  attendee_email: `guest${number}@example.com`,
  status: 'CONFIRMED',
});

const aBooking = (n = 1) =>
  aWebhook({
    id: `wh_evt_${n}`,
    data: {
      id: `bk_${n}`,
      schedule_id: BOOKING.schedule_id,
      start_time: '2099-02-16T10:00:00Z',
      end_time: '2099-02-16T11:00:00Z',
    },
  });

/** A clock that goes as it does, and can be set forward. */
const movableClock = () => {
  const real = Date.now;
  let ahead = 0;
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => real() + ahead);
  onTestFinished(() => spy.mockRestore());
  return {
    forward(milliseconds: number): void {
      ahead += milliseconds;
    },
  };
};

const startWithApi = async (options: WebKasaApiOptions = { bookings: [BOOKING], schedules: [SCHEDULE] }) => {
  const api = await startWebKasaApi(options);
  onTestFinished(() => api.close());
  const env = { WEBKASA_API_KEY: api.key, WEBKASA_API_URL: api.url, TIMEZONE: 'America/New_York' };
  return { api, env, world: await startWorld({ rules: RULES, env }) };
};

const attemptsOf = async ({ store }: Awaited<ReturnType<typeof startWorld>>, kind: string) => {
  const [webhook] = (await store.story(BOOKING.id)).webhooks;
  return webhook?.deliveries.find((delivery) => delivery.kind === kind)?.attempts ?? [];
};

test('a mail goes out within two minutes while the API hangs, with what the webhook says; Slack waits for nothing', async () => {
  const clock = movableClock();
  const { api, world } = await startWithApi();
  api.setBehaviour({ as: 'hang' });
  await world.send(aBooking());
  await vi.waitFor(() => expect(world.slack.api.posts).toHaveLength(1), { timeout: 20_000 });
  const waits = { outcome: 'wait', code: 'facts_missing' };
  await vi.waitFor(async () => expect(await attemptsOf(world, 'email')).toMatchObject([waits]), { timeout: 20_000 });
  expect(world.smtp.messages).toHaveLength(0);
  // Just before the two minutes are over, counted from the webhook.
  clock.forward(110_000);
  await world.settled();
  const [mail] = await world.smtp.parsed();
  expect(mail?.text).toContain('America/New_York');
  expect((await attemptsOf(world, 'email')).at(-1)).toMatchObject({ outcome: 'done' });
}, 60_000);

test('once the API answers again after an outage, mails carry what it knows, and the log says so', async () => {
  const clock = movableClock();
  const { api, world } = await startWithApi({ bookings: [BOOKING, { ...BOOKING, id: 'bk_2' }], schedules: [SCHEDULE] });
  api.setBehaviour({ as: 'status', status: 503 });
  await world.send(aBooking(1));
  const waits = { outcome: 'wait', code: 'facts_missing' };
  await vi.waitFor(async () => expect((await attemptsOf(world, 'email')).at(0)).toMatchObject(waits), {
    timeout: 20_000,
  });
  // Failures are not told in the log before the second, and each is followed by a pause.
  clock.forward(60_000);
  await vi.waitFor(() => expect(world.logged.join('')).toContain("WebKasa's API fails"), { timeout: 20_000 });
  clock.forward(60_000);
  await world.smtp.received(1);
  api.setBehaviour(undefined);
  // Longer than any pause after a failure.
  clock.forward(31_000);
  await world.send(aBooking(2));
  await world.smtp.received(2);
  const [without, whole] = await world.smtp.parsed();
  expect(without?.text).not.toContain('First consultation');
  expect(whole?.subject).toContain('First consultation');
  expect(whole?.text).toContain('Europe/Lisbon');
  await vi.waitFor(() => expect(world.logged.join('')).toContain("WebKasa's API answers again"), { timeout: 20_000 });
}, 60_000);

const cancelled = () => ({ ...aWebhook({ id: 'wh_evt_cancelled', type: 'event.cancelled' }), data: EVENT });

test('everyone registered is told once, however many pages the API has of them and however they shift', async () => {
  const many = Array.from({ length: 130 }, (_, index) => aRegistration(index));
  let gone: readonly string[] = [];
  const { world } = await startWithApi({
    events: [EVENT],
    registrations: { [EVENT.id]: many },
    betweenPages: (rows) => {
      if (gone.length === 0) gone = rows.splice(5, 30).map(({ attendee_email }) => String(attendee_email));
    },
  });
  await world.send(cancelled());
  await world.smtp.received(many.length);
  await world.settled();
  const told = (await world.smtp.parsed()).flatMap(({ to }) => [to].flat().map((one) => one?.text));
  expect(gone).toHaveLength(30);
  // Who was on the first page and is gone from the list since was registered when the event was cancelled.
  expect(told.toSorted()).toEqual(
    many.map(({ attendee_name, attendee_email }) => `"${attendee_name}" <${attendee_email}>`).toSorted(),
  );
}, 60_000);

test('those whose registration a webhook told of are told within two minutes while the API hangs', async () => {
  const clock = movableClock();
  const { api, world } = await startWithApi({ events: [EVENT] });
  api.setBehaviour({ as: 'hang' });
  const registration = { ...aWebhook({ id: 'wh_evt_reg', type: 'registration.created' }), data: aRegistration(1) };
  await world.send(registration);
  await world.send(cancelled());
  await vi.waitFor(() => expect(api.requests.some((path) => path.includes('registrations'))).toBe(true), {
    timeout: 20_000,
  });
  expect(world.smtp.messages).toHaveLength(0);
  clock.forward(110_000);
  await world.smtp.received(1);
  expect(world.smtp.messages).toHaveLength(1);
  // The mail to those whom only the API knows.
  await vi.waitFor(
    async () => expect((await world.store.status()).deliveries).toMatchObject({ pending: 1, running: 0 }),
    { timeout: 15_000 },
  );
}, 60_000);

test("a rerun's dialog opens and is filled in while the API hangs, and is answered when it is submitted", async () => {
  const { api, world } = await startWithApi();
  await world.send(aBooking());
  await world.smtp.received(1);
  await world.settled();
  // A new start has forgotten what the API said.
  await world.restart();
  api.setBehaviour({ as: 'hang' });
  const asked = await world.slack.command('rerun bk_1');
  expect(asked.acked).toMatchObject({ status: 200 });
  const began = Date.now();
  const dialog = await asked.dialog(({ view }) => !/Looking at/.test(wordsOf(view)));
  // A second and a half for the API; a request to it may take ten.
  expect(Date.now() - began).toBeLessThan(8_000);
  const submitted = await world.slack.submit(dialog);
  expect(submitted.acked).toMatchObject({ status: 200 });
  await vi.waitFor(() => expect(asked.messages()).toHaveLength(1), { timeout: 20_000 });
  expect(api.requests.length).toBeLessThan(8);
}, 60_000);

test('rerun on the command line asks for what one mail needs, and goes on without while the API hangs', async () => {
  const { api, env, world } = await startWithApi();
  await world.send(aBooking());
  await world.settled();
  const asked = api.requests.length;
  const callRerun = () =>
    call(['rerun', 'bk_1'], {
      env: {
        ...env,
        DATA_DIR: world.dataDir,
        RULES_FILE: join(world.dataDir, 'rules.yaml'),
        WEBKASA_WEBHOOK_SECRET: 'x',
      },
    });
  expect((await callRerun()).out).toContain('already sent, same text');
  expect(api.requests.length - asked).toBe(2);
  api.setBehaviour({ as: 'hang' });
  const began = Date.now();
  expect((await callRerun()).out).toContain('john@example.com');
  expect(Date.now() - began).toBeLessThan(8_000);
}, 60_000);
