import { describe, expect, test } from 'vitest';
import type { PlannedDelivery } from '../../src/core/delivery.ts';
import type { Reason } from '../../src/core/rule.ts';
import type { Webhook } from '../../src/core/webhook.ts';
import { decide } from '../../src/route/plan.ts';
import { aCompiledRule, aWebhook, inputFor, RECEIVED_AT } from './support.ts';

const plan = (yaml: string, webhook = aWebhook(), movedFrom: string | null = null) =>
  decide(aCompiledRule(yaml), inputFor(webhook, movedFrom));

const planActions = (yaml: string, data: Record<string, unknown> = {}, changes: Partial<Webhook> = {}) =>
  plan(`actions: [${yaml}]`, aWebhook({ data: { ...(aWebhook().data as object), ...data }, ...changes }));

const only = (deliveries: readonly PlannedDelivery[]): PlannedDelivery => {
  expect(deliveries).toHaveLength(1);
  return deliveries[0] as PlannedDelivery;
};

const MAIL = '{ email: { to: "{{ data.attendee_email }}", template: t } }';

describe('a decision', () => {
  test('a webhook of another type plans nothing and says which types are asked for', () => {
    const { decision, deliveries } = plan(`{ on: [event.created, "registration.*"], actions: [${MAIL}] }`);
    expect(deliveries).toEqual([]);
    expect(decision).toEqual({
      rule: 'r',
      planned: [],
      reasons: [{ code: 'other_type', text: 'on asks for event.created, registration.*' }],
    });
  });

  test('a failing condition plans nothing and is named', () => {
    const { decision, deliveries } = plan(`{ when: { data.schedule_id: { $in: [sch_abc123] } }, actions: [${MAIL}] }`);
    expect(deliveries).toEqual([]);
    expect(decision.reasons).toEqual([
      { code: 'condition_failed', text: 'data.schedule_id is "sch_1", and the rule wants it in ["sch_abc123"]' },
    ]);
  });

  test('a rule can ask for moves', () => {
    const yaml = `{ when: { moved: true }, actions: [${MAIL}] }`;
    expect(plan(yaml).deliveries).toEqual([]);
    expect(plan(yaml, aWebhook(), '2027-02-14T10:00:00.000Z').deliveries).toHaveLength(1);
  });

  test('a paused rule plans nothing and says who paused it, but only where it would have acted', () => {
    const paused = { code: 'paused', text: 'paused by Anna' } as const;
    const decided = (webhook: Webhook) =>
      decide(
        { ...aCompiledRule(`{ on: booking.created, when: { data.status: PENDING }, actions: [${MAIL}] }`), paused },
        inputFor(webhook),
      );
    const { decision, deliveries } = decided(aWebhook());
    expect(deliveries).toEqual([]);
    expect(decision).toEqual({ rule: 'r', planned: [], reasons: [paused] });
    const codeOf = (webhook: Webhook) => decided(webhook).decision.reasons.map(({ code }) => code);
    expect(codeOf(aWebhook({ type: 'booking.confirmed' }))).toEqual(['other_type']);
    expect(codeOf(aWebhook({ data: { id: 'bk_1', status: 'CONFIRMED' } }))).toEqual(['condition_failed']);
  });

  test('names the deliveries it planned', () => {
    const { decision, deliveries } = planActions(`${MAIL}, { slack: { text: hello } }`);
    expect(decision).toEqual({ rule: 'r', planned: deliveries.map(({ id }) => id), reasons: [] });
    expect(deliveries.map(({ kind }) => kind)).toEqual(['email', 'slack']);
  });
});

describe('a delivery', () => {
  test('carries all that performing it in order needs', () => {
    expect(only(planActions(MAIL).deliveries)).toEqual({
      id: expect.stringMatching(/^dl_[0-9a-f]{20}$/),
      webhookId: 'wh_evt_1',
      rule: 'r',
      kind: 'email',
      destination: 'email:john@example.com',
      key: 'booking:bk_1|email:john@example.com',
      version: Date.parse('2027-01-15T10:30:00Z') * 10,
      late: 'skip',
      action: { kind: 'email', email: { to: 'john@example.com', name: 'John Doe', template: 't', invite: true } },
    });
  });

  test('planned twice, it has the same id; another webhook, rule, action or recipient gives another', () => {
    const yaml = '{ email: { to: [a@x.example, b@x.example], template: t } }, { slack: { text: x } }';
    const ids = (result: ReturnType<typeof plan>) => result.deliveries.map(({ id }) => id);
    const first = ids(planActions(yaml));
    expect(ids(planActions(yaml))).toEqual(first);
    const all = [
      ...first,
      ...ids(planActions(yaml, {}, { id: 'wh_evt_2' })),
      ...ids(plan(`{ id: other, actions: [${yaml}] }`)),
    ];
    expect(new Set(all).size).toBe(9);
  });

  test('without a resource id, it stands for itself', () => {
    expect(only(planActions(MAIL, { id: undefined }).deliveries).key).toBe('webhook:wh_evt_1|email:john@example.com');
  });

  test('of a run again it has an id of that run, the same for the same run', () => {
    const rule = aCompiledRule(`actions: [${MAIL}]`);
    const idOf = (run?: string) =>
      decide(rule, { ...inputFor(aWebhook()), ...(run !== undefined && { run }) }).deliveries[0]?.id;
    expect(idOf('click-1')).toBe(idOf('click-1'));
    expect(new Set([idOf(), idOf('click-1'), idOf('click-2')]).size).toBe(3);
  });

  test.each([
    ['{ slack: { text: x } }', 'registration:reg_1|slack:#bookings'],
    ['{ slack: { text: x, as: thread } }', 'registration:reg_1|slack:#bookings'],
    [MAIL, 'registration:reg_1|email:john@example.com'],
    ['{ sheet: { file: a.csv, columns: { A: a } } }', 'registration:reg_1|sheet:a.csv'],
  ])('of a registration, by %s, it waits for no other registration of its event', (yaml, key) => {
    const data = { id: 'reg_1', event_id: 'evt_1' };
    expect(only(planActions(yaml, data, { type: 'registration.created' }).deliveries).key).toBe(key);
  });

  test('without a readable created_at, it is ordered by its arrival', () => {
    expect(only(planActions(MAIL, {}, { created_at: 'soon' }).deliveries).version).toBe(RECEIVED_AT * 10);
  });

  test.each([
    ['{ email: { to: a@x.example, template: t } }', 'skip'],
    ['{ email: { to: a@x.example, template: t, late: deliver } }', 'deliver'],
    ['{ slack: { text: x } }', 'deliver'],
    ['{ slack: { text: x, late: skip } }', 'skip'],
    ['{ slack: { text: x, as: card } }', 'deliver'],
    ['{ slack: { text: x, as: thread } }', 'deliver'],
    ['{ slack: { text: x, as: plain } }', 'skip'],
    ['{ slack: { text: x, as: plain, late: deliver } }', 'deliver'],
    ['{ sheet: { file: a.csv, columns: { A: a } } }', 'deliver'],
    ['{ sheet: { file: a.csv, columns: { A: a }, late: skip } }', 'skip'],
  ])('%s, when late: %s', (yaml, late) => {
    expect(only(planActions(yaml).deliveries).late).toBe(late);
  });
});

const reasonsFor = (yaml: string, data: Record<string, unknown> = {}): readonly Reason[] =>
  planActions(yaml, data).decision.reasons;

describe('mail', () => {
  const emailOf = (yaml: string, data: Record<string, unknown> = {}) => {
    const { action } = only(planActions(yaml, data).deliveries);
    return action.kind === 'email' ? action.email : undefined;
  };

  test.each(['', '  ', undefined, null])('without an address (%j) there is nobody to write to', (attendee_email) => {
    const { decision, deliveries } = planActions(MAIL, { attendee_email });
    expect(deliveries).toEqual([]);
    expect(decision.reasons).toEqual([
      { code: 'no_recipient', text: 'actions[0].email.to: there is no address in data.attendee_email' },
    ]);
  });

  test.each([
    'john',
    'john@',
    '@example.com',
    'john@example.com, eve@example.com',
    'john@example.com;eve@example.com',
    'john@example.com eve@example.com',
    'eve,john@example.com',
    'eve;john@example.com',
    '<john@example.com',
    'john@example.com>',
    'john(eve)@example.com',
    'john@[127.0.0.1]',
    'John <john@example.com>',
    '"john doe"@example.com',
    'john@example.com\r\nBcc: eve@example.com',
    'john@exa\u0000mple.com',
    'john\u202e@example.com',
    'john@eve@example.com',
    'john@-example.com',
    'john@example..com',
    `${'j'.repeat(65)}@example.com`,
    `john@${'e'.repeat(250)}.com`,
    ['john@example.com', 'eve@example.com'],
    { address: 'john@example.com' },
  ])('%j is not one address, and is not repeated', (attendee_email) => {
    const { decision, deliveries } = planActions(MAIL, { attendee_email });
    expect(deliveries).toEqual([]);
    expect(decision.reasons).toEqual([
      {
        code: 'invalid_field',
        text: 'actions[0].email.to: what it makes of data.attendee_email is not one mail address like john@example.com',
      },
    ]);
  });

  test.each([
    'john@example.com',
    'j.o+hn=x@a-b.example.co',
    "o'neil@example.com",
    'jörg@bücher.example',
    'me@localhost',
  ])('%s is an address', (attendee_email) => {
    expect(emailOf(MAIL, { attendee_email })?.to).toBe(attendee_email);
  });

  test('the address is trimmed, its destination in lower case', () => {
    const delivery = only(planActions(MAIL, { attendee_email: ' John@Example.com\n' }).deliveries);
    expect(delivery.destination).toBe('email:john@example.com');
    expect(delivery.action).toMatchObject({ email: { to: 'John@Example.com' } });
  });

  test('the attendee is named beside their own address only', () => {
    expect(emailOf('{ email: { to: JOHN@example.com, template: t } }')?.name).toBe('John Doe');
    expect(emailOf('{ email: { to: office@example.com, template: t } }')).not.toHaveProperty('name');
    expect(emailOf(MAIL, { attendee_name: null })).not.toHaveProperty('name');
  });

  test('a name and a subject are one line', () => {
    const yaml = `{ email: { to: "{{ data.attendee_email }}", template: t, subject: "For {{ data.attendee_name }}" } }`;
    expect(emailOf(yaml, { attendee_name: 'John\r\nBcc: eve@example.com\u2028x' })).toMatchObject({
      name: 'John Bcc: eve@example.com x',
      subject: 'For John Bcc: eve@example.com x',
    });
  });

  test('each of a list gets a mail, an address named twice only one', () => {
    const to = '["{{ data.attendee_email }}", office@example.com, OFFICE@example.com]';
    const { deliveries } = planActions(`{ email: { to: ${to}, template: t } }`);
    expect(
      deliveries.map(({ destination, action }) => [destination, action.kind === 'email' && action.email.to]),
    ).toEqual([
      ['email:john@example.com', 'john@example.com'],
      ['email:office@example.com', 'office@example.com'],
    ]);
  });

  test('of a list, those without an address are told apart from those with one', () => {
    const yaml = '{ email: { to: ["{{ data.attendee_email }}", office@example.com], template: t } }';
    const { decision, deliveries } = planActions(yaml, { attendee_email: '' });
    expect(deliveries.map((one) => one.destination)).toEqual(['email:office@example.com']);
    expect(decision.reasons).toEqual([
      { code: 'no_recipient', text: 'actions[0].email.to[0]: there is no address in data.attendee_email' },
    ]);
  });

  test('reply_to that is no address is left out, and said, and the mail still goes', () => {
    const yaml = '{ email: { to: a@x.example, template: t, reply_to: "{{ data.status }}" } }';
    const { decision, deliveries } = planActions(yaml);
    expect(only(deliveries).action).toEqual({ kind: 'email', email: { to: 'a@x.example', template: 't' } });
    expect(decision.reasons.map(({ code }) => code)).toEqual(['invalid_field']);
    expect(emailOf(yaml, { status: 'b@x.example' })?.replyTo).toBe('b@x.example');
  });

  test('copies are addresses of their own, each once, and go with the first mail alone', () => {
    const yaml =
      '{ email: { to: [a@x.example, b@x.example], template: t, cc: [B@x.example, c@x.example, "{{ data.status }}"], ' +
      'bcc: ["{{ data.attendee_email }}", C@x.example] } }';
    const { decision, deliveries } = planActions(yaml);
    expect(deliveries.map(({ action }) => action.kind === 'email' && action.email)).toEqual([
      { to: 'a@x.example', template: 't', cc: ['c@x.example'], bcc: ['john@example.com'] },
      { to: 'b@x.example', template: 't' },
    ]);
    expect(decision.reasons.map(({ text }) => text)).toEqual([
      'actions[0].email.cc[2]: what it makes of data.status is not one mail address like john@example.com',
    ]);
    const [first] = planActions(yaml, { status: 'x@y.example, eve@evil.example' }).deliveries;
    expect(first?.action).toMatchObject({ email: { cc: ['c@x.example'] } });
  });

  test('an invite goes to the attendee, and to others only where the rule says so', () => {
    const to = (address: string, rest = '') => emailOf(`{ email: { to: "${address}", template: t ${rest} } }`)?.invite;
    expect(to('{{ data.attendee_email }}')).toBe(true);
    expect(to('{{ data.attendee_email }}', ', invite: false')).toBeUndefined();
    expect(to('office@x.example')).toBeUndefined();
    expect(to('office@x.example', ', invite: true')).toBe(true);
  });

  test('the sender has the name, and the mail the patience, that the rule gives', () => {
    const yaml =
      '{ email: { to: a@x.example, template: t, from_name: "{{ data.attendee_name }}, by Studio", hold: 60, until: start } }';
    const delivery = only(planActions(yaml, { attendee_name: 'A\r\nB' }).deliveries);
    expect(delivery).toMatchObject({ hold: 60_000, action: { email: { fromName: 'A B, by Studio', until: 'start' } } });
    expect(only(planActions(MAIL).deliveries)).not.toHaveProperty('hold');
  });
});

describe('Slack', () => {
  const slackOf = (yaml: string, data: Record<string, unknown> = {}) => {
    const { action } = only(planActions(yaml, data).deliveries);
    return action.kind === 'slack' ? action.slack : undefined;
  };

  test('goes to the default channel where it names none', () => {
    expect(slackOf('{ slack: { template: booking } }')).toEqual({
      channel: '#bookings',
      template: 'booking',
      as: 'card',
    });
  });

  test.each(['card', 'thread', 'plain'])('as: %s is handed on', (as) => {
    expect(slackOf(`{ slack: { text: x, as: ${as} } }`)?.as).toBe(as);
  });

  test.each([
    ['"#visits"', '#visits'],
    ['visits', '#visits'],
    ['C0123ABCD', 'C0123ABCD'],
    ['"#{{ data.schedule_id }}"', '#sch_1'],
    ['"#büro-2"', '#büro-2'],
  ])('channel %s is %s', (written, channel) => {
    expect(slackOf(`{ slack: { channel: ${written}, text: x } }`)?.channel).toBe(channel);
  });

  test.each(['', 'two words', '@channel', '<!here>', 'a,b', 'a\nb'])('%j is no channel', (status) => {
    const reasons = reasonsFor('{ slack: { channel: "{{ data.status }}", text: x } }', { status });
    expect(reasons).toEqual([
      {
        code: 'invalid_field',
        text: expect.stringContaining('slack.channel: what it makes of data.status is no channel'),
      },
    ]);
  });

  test('data in a text can become no mention, no link and no formatting', () => {
    const yaml = '{ slack: { text: "*New* <https://x.example|look>: {{ data.attendee_name }}" } }';
    const text = slackOf(yaml, { attendee_name: '<!channel> *bold* <https://evil.example|x>' })?.text ?? '';
    expect(text.startsWith('*New* <https://x.example|look>: ')).toBe(true);
    expect(text.slice(33)).not.toMatch(/[<>*]/);
  });

  test('an empty text is not posted', () => {
    expect(reasonsFor('{ slack: { text: "{{ data.nothing }}" } }').map(({ code }) => code)).toEqual(['invalid_field']);
  });
});

describe('sheets', () => {
  const sheetOf = (yaml: string, data: Record<string, unknown> = {}) => {
    const { action } = only(planActions(yaml, data).deliveries);
    return action.kind === 'sheet' ? action.sheet : undefined;
  };

  const ID = '1AbCdEfGhIjKlMnOpQrStUvWxYz';

  test('of Google go to a tab by key, in a destination of their own', () => {
    const yaml = `{ sheet: { google: ${ID}, tab: "{{ data.schedule_id }}", key: Id, columns: { Id: "{{ data.id }}" } } }`;
    const delivery = only(planActions(yaml).deliveries);
    expect(delivery.destination).toBe(`sheet:google:${ID}/sch_1`);
    expect(delivery.action).toMatchObject({ sheet: { google: ID, tab: 'sch_1', key: 'Id' } });
  });

  test('of Google need the name of a tab', () => {
    const yaml = `{ sheet: { google: ${ID}, tab: "{{ data.nothing }}", columns: { A: a } } }`;
    expect(planActions(yaml).deliveries).toEqual([]);
  });

  test('with a key that is empty for this webhook are not planned, and it says so', () => {
    const yaml = '{ sheet: { file: a.csv, key: Id, columns: { Id: " {{ data.nothing }}", A: a } } }';
    const { deliveries, decision } = planActions(yaml);
    expect(deliveries).toEqual([]);
    expect(decision.reasons[0]?.text).toContain('is the key and is empty');
  });

  test('cells are the data as it is, in the order of the rule, empty where it is missing', () => {
    const columns = '{ Z: "{{ data.notes }}", A: "{{ data.nothing }}", N: "{{ data.guest_count }}", F: 5, B: true }';
    const sheet = sheetOf(`{ sheet: { file: a.csv, columns: ${columns} } }`, { notes: ' =1+1 <b>\n', guest_count: 2 });
    expect(Object.entries(sheet?.columns ?? {})).toEqual([
      ['Z', ' =1+1 <b>\n'],
      ['A', ''],
      ['N', '2'],
      ['F', '5'],
      ['B', 'true'],
    ]);
  });

  test('lists and objects are written out', () => {
    const yaml = '{ sheet: { file: a.csv, columns: { L: "{{ data.list }}", O: "{{ data.object }}" } } }';
    expect(sheetOf(yaml, { list: ['a', 1], object: { a: [1] } })?.columns).toEqual({ L: 'a, 1', O: '{"a":[1]}' });
    expect(sheetOf(yaml, { list: [{ a: 1 }] })?.columns).toEqual({ L: '[{"a":1}]', O: '' });
  });

  test('data can be in the file name, never a folder', () => {
    const yaml = '{ sheet: { file: "{{ data.schedule_id }}.csv", columns: { A: a } } }';
    expect(only(planActions(yaml).deliveries).destination).toBe('sheet:sch_1.csv');
    for (const schedule_id of ['../x', 'a/b', 'a\\b', '..', '', '/etc/x', 'a\u0000', 'C:x', 'x'.repeat(250)]) {
      expect(reasonsFor(yaml, { schedule_id })).toEqual([
        {
          code: 'invalid_field',
          text: expect.stringContaining('actions[0].sheet.file: what it makes of data.schedule_id is no plain file'),
        },
      ]);
    }
  });
});

describe('data that a template can not be rendered with', () => {
  test('costs the action it is in, and no other', () => {
    const yaml = `{ slack: { text: "{{ data.list | map: 'a.b' | join }}{% for i in (1..data.many) %}{% endfor %}x" } }, ${MAIL}`;
    const { decision, deliveries } = planActions(yaml, { many: 1e9 });
    expect(only(deliveries).kind).toBe('email');
    expect(decision.reasons).toEqual([
      {
        code: 'rule_error',
        text: 'actions[0].slack.text: its Liquid costs too much on this data, so it was stopped: data.list, data.many',
      },
    ]);
  });
});
