import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dataOf, KNOWN_TYPES, type KnownType } from '../../src/core/webhook.ts';
import { decide } from '../../src/route/plan.ts';
import { loadRulebook } from '../../src/route/rulebook.ts';
import { SAMPLES } from '../../src/samples/index.ts';
import { loadTemplates } from '../../src/template/load.ts';
import { viewOf } from '../../src/template/view.ts';
import { aLibrary, inputFor, loadText, SETTINGS } from './support.ts';

const STARTER = fileURLToPath(new URL('../../templates/rules.yaml', import.meta.url));

/** The templates the starter may count on, by name. */
const templates = aLibrary({
  email: [
    ...['booking-created', 'booking-confirmed', 'booking-cancelled', 'booking-completed'],
    ...['registration-created', 'registration-cancelled', 'event-changed', 'event-cancelled'],
  ],
  slack: ['booking', 'event', 'registration', 'webhook'],
});

const load = () => loadRulebook({ rulesFile: STARTER, templates, settings: SETTINGS, slackChannel: '#bookings' });

const planned = async (type: KnownType) => {
  const { rulebook } = await load();
  return (rulebook?.rules ?? []).flatMap((rule) => decide(rule, inputFor(SAMPLES[type])).deliveries);
};

test('has no problems', async () => {
  expect((await load()).problems).toEqual([]);
});

test('goes together with the templates that come with the bot', async () => {
  const real = await loadTemplates(fileURLToPath(new URL('../../templates', import.meta.url)));
  const { rulebook, problems } = await loadRulebook({
    rulesFile: STARTER,
    templates: real,
    settings: SETTINGS,
    slackChannel: '#bookings',
  });
  expect(problems).toEqual([]);
  expect([...(rulebook?.neededChannels ?? [])].sort()).toEqual(['email', 'sheet', 'slack']);
});

const MAIL = 'email:john@example.com';
const REGISTERED = 'email:everyone-registered';
const SLACK = 'slack:#bookings';
const SHEET = 'sheet:webkasa.csv';

test.each<[KnownType, string[]]>([
  ['booking.created', [`${MAIL} booking-created`, `${SLACK} booking`, SHEET]],
  ['booking.confirmed', [`${MAIL} booking-confirmed`, `${SLACK} booking`, SHEET]],
  ['booking.cancelled', [`${MAIL} booking-cancelled`, `${SLACK} booking`, SHEET]],
  ['booking.completed', [`${SLACK} booking`, SHEET]],
  ['event.created', [`${SLACK} event`, SHEET]],
  ['event.updated', [`${SLACK} event`, SHEET]],
  ['event.cancelled', [`${REGISTERED} event-cancelled`, `${SLACK} event`, SHEET]],
  ['registration.created', [`${MAIL} registration-created`, `${SLACK} registration`, SHEET]],
  ['registration.cancelled', [`${MAIL} registration-cancelled`, `${SLACK} registration`, SHEET]],
])('%s is told to exactly these', async (type, deliveries) => {
  const found = (await planned(type)).map(({ destination, action }) =>
    [
      destination,
      action.kind === 'email' ? action.email.template : action.kind === 'slack' ? action.slack.template : '',
    ]
      .join(' ')
      .trim(),
  );
  expect(found).toEqual(deliveries);
});

const rowOf = async (type: KnownType) => {
  const row = (await planned(type)).find(({ kind }) => kind === 'sheet');
  return row?.action.kind === 'sheet' ? row.action.sheet.columns : {};
};

test('a change of an event is mailed to everyone registered where it matters to them', async () => {
  const { rulebook } = await load();
  const mailed = (changedFrom?: Readonly<Record<string, unknown>>) =>
    (rulebook?.rules ?? [])
      .flatMap((rule) => decide(rule, { ...inputFor(SAMPLES['event.updated']), changedFrom }).deliveries)
      .filter(({ kind }) => kind === 'email')
      .map(({ destination, hold, action }) => ({ destination, hold, ...(action.kind === 'email' && action.email) }));

  const mail = {
    destination: REGISTERED,
    hold: 60_000,
    to: 'everyone-registered',
    template: 'event-changed',
    invite: true,
  };
  for (const name of ['title', 'start_date', 'start_time', 'end_time', 'timezone', 'location']) {
    expect(mailed({ slots: 12, [name]: 'before' })).toEqual([mail]);
  }
  expect(mailed({ slots: 12, description: 'before' })).toEqual([]);
  expect(mailed()).toEqual([]);
});

test('the row of a booking', async () => {
  expect(await rowOf('booking.created')).toEqual({
    Webhook: 'wh_evt_001',
    Type: 'booking.created',
    Time: '2027-01-15T10:30:00Z',
    Id: 'bk_xyz789',
    Status: 'PENDING',
    Name: 'John Doe',
    Email: 'john@example.com',
    Phone: '',
    Title: '',
    Start: '2027-02-15T10:00:00Z',
    End: '2027-02-15T11:00:00Z',
    Schedule: 'sch_abc123',
    Event: '',
    Guests: '',
    Notes: '',
  });
});

test('the row of an event', async () => {
  expect(await rowOf('event.updated')).toMatchObject({
    Id: 'evt_abc123',
    Title: 'Monthly Meditation',
    Start: '2027-02-15 19:00',
    End: '21:00',
    Status: 'published',
  });
});

test('the row of a registration names its event where that is known', async () => {
  expect(await rowOf('registration.created')).toMatchObject({
    Event: 'evt_abc123',
    Title: '',
    Guests: '2',
    Phone: '+1234567890',
    Notes: 'Dietary restrictions: vegan',
  });
  const { rulebook } = await load();
  const webhook = SAMPLES['registration.created'];
  const view = viewOf(webhook, { movedFrom: null, event: dataOf(SAMPLES['event.created']) }, SETTINGS);
  const rule = rulebook?.rules.find(({ id }) => id === 'sheet');
  const delivery = rule && decide(rule, { ...inputFor(webhook), view }).deliveries[0];
  expect(delivery?.action).toMatchObject({ sheet: { columns: { Title: 'Monthly Meditation' } } });
});

test('a webhook of a type nobody knows gets its row', async () => {
  const { rulebook } = await load();
  const webhook = { id: 'wh_1', type: 'invoice.paid', data: { id: 'inv_1' } };
  const found = (rulebook?.rules ?? []).flatMap((rule) => decide(rule, inputFor(webhook)).deliveries);
  expect(found.map(({ destination }) => destination)).toEqual([SHEET]);
});

test('every type is told to somebody', async () => {
  for (const type of KNOWN_TYPES) expect((await planned(type)).length).toBeGreaterThan(0);
});

test('the examples at its end work when they are taken in', async () => {
  const text = await readFile(STARTER, 'utf8');
  const [, examples = ''] = text.split('# --- More to pick from');
  const lines = examples.split('\n').slice(2);
  const rules = lines.map((line) => line.replace(/^# ?/, '')).join('\n');
  const { rulebook, problems } = await loadText(`rules:\n${rules}`, { templates });
  expect(problems).toEqual([]);
  expect(rulebook?.rules.map(({ id }) => id)).toEqual([
    'consultations',
    'guests-only',
    'moved',
    'large-parties',
    'other',
  ]);
});
