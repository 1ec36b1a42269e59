import { describe, expect, test } from 'vitest';
import { audit } from './audit/audit.ts';
import type { Delivery, Evidence, StoredWebhook } from './audit/evidence.ts';
import { RULE_IDS } from './rules.ts';
import { stepMark, type Told } from './stories.ts';

/*
 * An audit that finds nothing has shown something only if it finds what is there: here the evidence is doctored, one
 * thing at a time, and each must be found.
 */

const T0 = Date.UTC(2027, 0, 15);
const RULES = ['mail', 'post', 'card', 'state', 'row'];
const KINDS = { mail: 'email', post: 'slack', card: 'slack', state: 'sheet', row: 'sheet' } as const;

const told = (step: number): Told => ({ id: `wh_1_${step}`, about: 'bk_1', step, rules: RULES, body: '' });

const delivery = (step: number, rule: keyof typeof KINDS): Delivery => ({
  id: `dl_${step}_${rule}`,
  webhookId: `wh_1_${step}`,
  rule,
  kind: KINDS[rule],
  destination: rule,
  status: 'done',
  supersededBy: null,
  together: null,
  attempts: [
    {
      startedAt: T0 + step * 10_000,
      endedAt: T0 + step * 10_000 + 9,
      outcome: 'done',
      code: null,
      message: '',
      detail: null,
    },
  ],
});

const stored = (step: number): StoredWebhook => ({
  id: `wh_1_${step}`,
  createdAt: T0 + step,
  receivedAt: T0 + step,
  decidedAt: T0 + step,
  decisions: RULE_IDS.map((rule) => ({ rule, planned: [], reasons: [] })),
  deliveries: (Object.keys(KINDS) as (keyof typeof KINDS)[]).map((rule) => delivery(step, rule)),
});

const post = (ts: string, text: string, id: string, more: { thread?: string; card?: string } = {}) => ({
  channel: 'C1',
  ts,
  text,
  blocks: [],
  thread: more.thread,
  updates: 0,
  metadata: { event_type: 'x', event_payload: { delivery_id: id, ...(more.card && { card: more.card }) } },
});

/** Two steps of one booking, and all as it should be. */
const good = () => ({
  accepted: new Map([0, 1].map((step) => [`wh_1_${step}`, told(step)])),
  stored: new Map([0, 1].map((step) => [`wh_1_${step}`, [stored(step)]])),
  mails: ['dl_0_mail', 'dl_1_mail'],
  unanswered: new Map<string, number>(),
  posts: [
    post('1', 'New', 'dl_0_post'),
    post('2', `Confirmed: ${stepMark(1)}`, 'dl_0_card', { card: 'booking:bk_1' }),
    post('3', 'Confirmed', 'dl_1_post'),
    post('4', `New: ${stepMark(0)}\nConfirmed: ${stepMark(1)}`, 'dl_1_card', { thread: '2' }),
  ],
  rows: [0, 1].map((step) => ({ Webhook: `wh_1_${step}`, About: 'bk_1' })),
  states: [{ About: 'bk_1', Step: '1' }],
  lines: [{ process: 'all 1', line: '{"level":40,"msg":"an attempt failed"}' }],
  endings: [] as string[],
  cuts: [] as number[],
  rules: [RULE_IDS],
  commit: 2_000,
  wrongClock: false,
});

type Good = ReturnType<typeof good>;
type Doctor = (evidence: Good) => void;

/** Puts something else in the place of what is said of a delivery. */
const change =
  (id: string, changed: Partial<Delivery>): Doctor =>
  ({ stored }) => {
    for (const [webhook] of stored.values()) {
      const deliveries = webhook?.deliveries as Delivery[] | undefined;
      const index = deliveries?.findIndex((each) => each.id === id) ?? -1;
      if (deliveries?.[index]) deliveries[index] = { ...deliveries[index], ...changed };
    }
  };

const attempt = (outcome: 'unclear' | 'retry' | 'done', from: number, to: number, code: string | null = null) => ({
  startedAt: T0 + from,
  endedAt: T0 + to,
  outcome,
  code,
  message: '',
  detail: null,
});

const findings = (...doctors: Doctor[]): string[] => {
  const evidence = good();
  for (const doctor of doctors) doctor(evidence);
  return audit(evidence satisfies Evidence).findings.map(({ what }) => what);
};

test('finds nothing where all is as it should be', () => {
  expect(findings()).toEqual([]);
});

const CASES: readonly (readonly [name: string, words: RegExp, ...doctors: Doctor[]])[] = [
  ['a webhook that is not in the store', /not in the store/, ({ stored }) => void stored.set('wh_1_0', [])],
  ['one that is there twice', /2 times/, (e) => void e.stored.set('wh_1_0', [stored(0), stored(0)])],
  ['one without a decision', /decided on by/, (e) => void e.stored.set('wh_1_0', [{ ...stored(0), decidedAt: null }])],
  [
    'a rule that decided nothing',
    /decided on by/,
    (e) => void e.stored.set('wh_1_0', [{ ...stored(0), decisions: [] }]),
  ],
  [
    'a delivery planned twice',
    /it needs/,
    (e) => void e.stored.set('wh_1_0', [{ ...stored(0), deliveries: [...stored(0).deliveries, delivery(0, 'row')] }]),
  ],
  [
    'a delivery that was not planned',
    /it needs/,
    (e) => void e.stored.set('wh_1_0', [{ ...stored(0), deliveries: stored(0).deliveries.slice(1) }]),
  ],
  ['a delivery that still waits', /is pending/, change('dl_0_mail', { status: 'pending' })],
  ['a dead letter', /is dead/, change('dl_0_row', { status: 'dead' })],
  ['a mail that did not arrive', /did not arrive/, ({ mails }) => void mails.shift()],
  ['a message that did not arrive', /did not arrive/, ({ posts }) => void posts.shift()],
  ['a mail that nobody planned', /nothing of the kind was planned/, ({ mails }) => void mails.push('dl_9_mail')],
  ['a mail that came twice', /came 2 times/, ({ mails }) => void mails.push('dl_1_mail')],
  ['a message that came twice', /came 2 times/, (e) => void e.posts.push(post('9', 'New', 'dl_0_post'))],
  [
    'a message that came twice, though an attempt broke off',
    /came 2 times/,
    (e) => void e.posts.push(post('9', 'New', 'dl_0_post')),
    change('dl_0_post', { attempts: [attempt('unclear', 0, 5), attempt('done', 6, 9)] }),
  ],
  [
    'a mail that came three times after one attempt broke off',
    /came 3 times/,
    ({ mails }) => void mails.push('dl_1_mail', 'dl_1_mail'),
    change('dl_1_mail', { attempts: [attempt('unclear', 0, 5), attempt('done', 6, 9)] }),
  ],
  ['mails out of order', /came after/, ({ mails }) => void mails.reverse()],
  ['messages out of order', /came after/, ({ posts }) => void posts.reverse()],
  ['rows out of order', /came after/, ({ rows }) => void rows.reverse()],
  [
    'a mail that gave way to nothing',
    /gave way to nothing newer/,
    change('dl_1_mail', { status: 'superseded', supersededBy: 'wh_1_0' }),
    ({ mails }) => void mails.pop(),
  ],
  [
    'a mail that gave way though it came in time',
    /had been planned/,
    change('dl_0_mail', { status: 'superseded', supersededBy: 'wh_1_1', attempts: [] }),
    ({ mails }) => void mails.shift(),
  ],
  [
    'a mail left out for no reason',
    /nothing contradicts it/,
    change('dl_1_mail', { status: 'superseded', attempts: [attempt('done', 1, 2, 'contradicted')] }),
    ({ mails }) => void mails.pop(),
  ],
  [
    'a card that shows an older state',
    /shows/,
    ({ posts }) => posts[1] && void Object.assign(posts[1], { text: stepMark(0) }),
  ],
  [
    'a booking with two cards',
    /has 2 cards/,
    ({ posts }) => void posts.push(post('9', stepMark(1), 'dl_x', { card: 'booking:bk_1' })),
  ],
  [
    'a state that the thread lacks',
    /does not tell step 0/,
    ({ posts }) => posts[3] && void Object.assign(posts[3], { text: stepMark(1) }),
  ],
  [
    'a state that the thread tells twice',
    /does not tell step 1 once/,
    ({ posts }) => posts[3] && void Object.assign(posts[3], { text: `${stepMark(0)}\n${stepMark(1)}\n${stepMark(1)}` }),
  ],
  [
    'a state that neither the card nor its thread shows',
    /dl_0_card \(card of wh_1_0\) is done and did not arrive/,
    ({ posts }) => void posts.pop(),
  ],
  [
    'a reply that came twice',
    /dl_1_card in a thread came 2 times/,
    (e) => void e.posts.push(post('9', `Confirmed: ${stepMark(1)}`, 'dl_1_card', { thread: '2' })),
  ],
  ['a row that is missing', /has 0 rows/, ({ rows }) => void rows.pop()],
  ['a row that is there twice', /has 2 rows/, ({ rows }) => void rows.push({ Webhook: 'wh_1_1', About: 'bk_1' })],
  ['a row for what nobody sent', /nobody sent/, ({ rows }) => void rows.push({ Webhook: 'wh_9_9', About: 'bk_9' })],
  ['a kept row with an older state', /shows step 0/, (e) => void e.states.splice(0, 1, { About: 'bk_1', Step: '0' })],
  [
    'a summary that counts wrongly',
    /tells of 7 webhooks/,
    change('dl_0_post', { together: 'sum_1' }),
    (e) => void e.posts.splice(0, 1, post('1', '7 webhooks at once', 'sum_1')),
  ],
  [
    'a stack on the error output',
    /all 1: /,
    (e) => void e.lines.push({ process: 'all 1', line: '    at Object.<anonymous>' }),
  ],
  [
    'an error nobody handled',
    /all 1: /,
    (e) => void e.lines.push({ process: 'all 1', line: '{"level":60,"msg":"x"}' }),
  ],
  [
    'an address in the log',
    /guest.1@/,
    (e) => void e.lines.push({ process: 'all 1', line: '{"level":40,"to":"guest.1@guest.example"}' }),
  ],
  [
    'a process that ended by itself',
    /ended by itself/,
    ({ endings }) => void endings.push('worker 1 ended by itself (1)'),
  ],
];

const NAMED = CASES.map(([name, words, ...doctors]) => ({ name, words, doctors }));

test.each(NAMED)('finds $name', ({ words, doctors }) => {
  expect(findings(...doctors).join('\n')).toMatch(words);
});

describe('what a fault explains is no finding', () => {
  const explained: readonly (readonly [name: string, ...doctors: Doctor[]])[] = [
    [
      'a mail that came again after an attempt was cut short by a kill',
      ({ mails }) => void mails.push('dl_1_mail'),
      change('dl_1_mail', { attempts: [attempt('unclear', 0, 5), attempt('done', 6, 9)] }),
    ],
    [
      'a mail that came again after the server had not answered',
      ({ mails, unanswered }) => {
        mails.push('dl_1_mail');
        unanswered.set('dl_1_mail', 1);
      },
    ],
    [
      'a mail that came again after its connection was cut',
      ({ mails, cuts }) => {
        mails.push('dl_1_mail');
        cuts.push(T0 + 3);
      },
      change('dl_1_mail', { attempts: [attempt('retry', 0, 5), attempt('done', 6, 9)] }),
    ],
    [
      'a state that another delivery told in the thread, which had posted the card too',
      ({ posts }) => void Object.assign(posts[3]?.metadata.event_payload ?? {}, { delivery_id: 'dl_0_card' }),
    ],
    [
      'a mail that came too late to be told',
      ({ mails }) => void mails.shift(),
      change('dl_0_mail', { status: 'superseded', supersededBy: 'wh_1_1', attempts: [] }),
      (e) => void e.stored.set('wh_1_0', [{ ...(e.stored.get('wh_1_0')?.[0] ?? stored(0)), decidedAt: T0 + 50_000 }]),
    ],
  ];
  test.each(explained.map(([name, ...doctors]) => ({ name, doctors })))('$name', ({ doctors }) => {
    expect(findings(...doctors)).toEqual([]);
  });
});
