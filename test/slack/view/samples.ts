import type { SearchQuery } from '../../../src/core/search-query.ts';
import type { Subscription } from '../../../src/core/team.ts';
import type { AgendaAnswer } from '../../../src/query/agenda.ts';
import type { DeliveryStory } from '../../../src/query/delivery-story.ts';
import type { FailedAnswer } from '../../../src/query/failed.ts';
import type { Effect, RerunPreview } from '../../../src/query/rerun.ts';
import type { RulesAnswer } from '../../../src/query/rules.ts';
import type { SearchAnswer } from '../../../src/query/search.ts';
import type { ShowAnswer } from '../../../src/query/show.ts';
import type { Summary } from '../../../src/query/summary.ts';
import type { WebhookStory, WhyAnswer } from '../../../src/query/why.ts';
import type { SlackLook } from '../../../src/slack/view/answer.ts';
import { T0 } from '../../support/builders.ts';

/*
 * Answers to look at and to test with: what a small practice would see.
 */

export const LOOK: SlackLook = { timezone: 'Europe/Berlin', locale: 'en-US', now: T0 };

export const after = (seconds: number): Date => new Date(T0 + seconds * 1000);

export const ANN = { id: 'U012ANN', name: 'Ann Lee', via: 'slack' } as const;

export const aSummary = (overrides: Partial<Summary> = {}): Summary => ({
  kind: 'booking',
  id: 'bk_xyz789',
  what: 'John Doe',
  status: 'CONFIRMED',
  title: 'First consultation',
  name: 'John Doe',
  email: 'john@example.com',
  scheduleId: 'sch_abc123',
  eventId: null,
  start: '2027-02-15T10:00:00.000Z',
  startsAt: new Date('2027-02-15T10:00:00Z'),
  timezone: 'America/New_York',
  previousStart: null,
  ...overrides,
});

export const SUMMARIES: readonly Summary[] = [
  aSummary(),
  aSummary({
    id: 'bk_zoe1',
    name: 'Zoë Ångström-Nakamura',
    email: 'zoe.angstrom@example.com',
    status: 'PENDING',
    timezone: null,
  }),
  aSummary({ id: 'bk_gone', name: 'محمد عبد الله', email: 'm@example.com', status: 'CANCELLED', title: null }),
  aSummary({
    kind: 'event',
    id: 'evt_abc123',
    name: null,
    email: null,
    title: 'Monthly Meditation',
    status: 'published',
    start: '2027-02-16T19:00',
    startsAt: new Date('2027-02-17T03:00:00Z'),
    timezone: 'America/Los_Angeles',
  }),
  aSummary({ kind: 'registration', id: 'reg_1', title: null, start: null, startsAt: null, name: 'Johnny Müller' }),
];

export const aSearch = (overrides: Partial<SearchAnswer> = {}): SearchAnswer => ({
  query: { words: 'john', status: 'confirmed' } satisfies SearchQuery,
  limit: 10,
  offset: 0,
  resources: SUMMARIES,
  more: true,
  ...overrides,
});

export const anAgenda = (overrides: Partial<AgendaAnswer> = {}): AgendaAnswer => ({
  span: 'upcoming',
  from: new Date('2027-02-15T09:30:00Z'),
  to: new Date('2027-02-22T23:00:00Z'),
  timezone: 'Europe/Berlin',
  limit: 10,
  offset: 0,
  resources: SUMMARIES.filter(({ startsAt, status }) => startsAt !== null && status !== 'CANCELLED'),
  more: false,
  cancelled: 1,
  ...overrides,
});

export const aDelivery = (overrides: Partial<DeliveryStory> = {}): DeliveryStory => ({
  id: 'dl_5f3a9c1b2d7e',
  rule: 'confirm-booking',
  kind: 'email',
  to: 'john@example.com',
  status: 'done',
  tries: 1,
  nextTryAt: null,
  paused: null,
  supersededBy: null,
  rerunBy: null,
  together: null,
  attempts: [
    {
      startedAt: after(2),
      endedAt: after(3),
      outcome: 'done',
      code: null,
      message: 'accepted by mail.example.com: 250 2.0.0 queued as 4F1C',
    },
  ],
  ...overrides,
});

export const aWebhookStory = (overrides: Partial<WebhookStory> = {}): WebhookStory => ({
  id: 'wh_evt_001',
  type: 'booking.created',
  receivedAt: after(1),
  createdAt: after(0),
  behind: null,
  oddities: [],
  moved: null,
  decidedAt: after(1),
  rules: [
    { rule: 'confirm-booking', reasons: [], deliveries: [aDelivery()] },
    {
      rule: 'tell-team',
      reasons: [],
      deliveries: [
        aDelivery({
          id: 'dl_77aa01',
          kind: 'slack',
          to: '#bookings',
          attempts: [
            {
              startedAt: after(2),
              endedAt: after(12),
              outcome: 'retry',
              code: 'timeout',
              message: 'Slack did not answer within 10 s',
            },
            { startedAt: after(20), endedAt: after(21), outcome: 'done', code: null, message: 'posted to #bookings' },
          ],
        }),
      ],
    },
    {
      rule: 'vip-alert',
      reasons: [
        { code: 'condition_failed', text: 'data.schedule_id is sch_abc123; the rule wants one of sch_vip1, sch_vip2' },
      ],
      deliveries: [],
    },
    { rule: 'welcome-registration', reasons: [{ code: 'other_type', text: 'for registration.*' }], deliveries: [] },
  ],
  ...overrides,
});

export const aWhy = (overrides: Partial<WhyAnswer> = {}): WhyAnswer => ({
  id: 'bk_xyz789',
  found: true,
  resources: [aSummary({ previousStart: '2027-02-14T09:00:00.000Z' })],
  webhooks: [
    aWebhookStory(),
    aWebhookStory({
      id: 'wh_evt_014',
      type: 'booking.confirmed',
      receivedAt: after(7200),
      createdAt: after(3600),
      decidedAt: after(7200),
      moved: { from: '2027-02-14T09:00:00.000Z', to: '2027-02-15T10:00:00.000Z' },
      rules: [
        {
          rule: 'confirm-booking',
          reasons: [],
          deliveries: [
            aDelivery({
              id: 'dl_0badcafe',
              status: 'dead',
              tries: 4,
              attempts: [
                ...[1, 2, 3].map((hour) => ({
                  startedAt: after(7200 + hour * 600),
                  endedAt: after(7201 + hour * 600),
                  outcome: 'retry' as const,
                  code: '451',
                  message: 'mail.example.com: 451 4.7.1 greylisted, try again later',
                })),
                {
                  startedAt: after(90_000),
                  endedAt: after(90_001),
                  outcome: 'permanent',
                  code: '550',
                  message: 'mail.example.com: 550 5.1.1 no such user',
                },
              ],
            }),
          ],
        },
      ],
    }),
  ],
  elsewhere: [],
  acts: [
    {
      at: after(93_000),
      by: ANN,
      kind: 'retry',
      subject: 'bk_xyz789',
      summary: '1 delivery made due: mail to john@example.com',
    },
  ],
  rejections: [],
  ...overrides,
});

export const aShow = (overrides: Partial<ShowAnswer> = {}): ShowAnswer => ({
  id: 'bk_xyz789',
  found: true,
  resources: [
    {
      ...aSummary({ previousStart: '2027-02-14T09:00:00.000Z' }),
      data: { id: 'bk_xyz789', schedule_id: 'sch_abc123', location: 'Room 4', attendee_phone: '+48 600 100 200' },
    },
  ],
  webhooks: [
    {
      id: 'wh_evt_001',
      type: 'booking.created',
      receivedAt: after(1),
      decided: true,
      deliveries: [
        { id: 'dl_1', kind: 'email', to: 'john@example.com', status: 'done' },
        { id: 'dl_2', kind: 'slack', to: '#bookings', status: 'done' },
      ],
    },
    {
      id: 'wh_evt_014',
      type: 'booking.confirmed',
      receivedAt: after(7200),
      decided: true,
      deliveries: [{ id: 'dl_3', kind: 'email', to: 'john@example.com', status: 'dead' }],
    },
  ],
  rejections: [],
  ...overrides,
});

export const aFailed = (overrides: Partial<FailedAnswer> = {}): FailedAnswer => ({
  pauses: [
    {
      kind: 'email',
      since: after(-600),
      until: after(300),
      code: 'EAUTH',
      message: 'mail.example.com refuses the login of SMTP_URL: 535 5.7.8 authentication failed',
    },
  ],
  dead: 5,
  waiting: 2,
  causes: [
    {
      state: 'dead',
      kind: 'slack',
      code: 'channel_not_found',
      message: 'Slack knows no channel #sales: invite the bot, or name another channel in the rule.',
      count: 5,
      deliveries: ['bk_1', 'bk_2', 'bk_3', 'bk_4', 'bk_5'].map((resource) => ({
        id: `dl_${resource}`,
        to: '#sales',
        resource,
      })),
      nextTryAt: null,
    },
    {
      state: 'waiting',
      kind: 'email',
      code: 'EAUTH',
      message: 'mail.example.com refuses the login of SMTP_URL: 535 5.7.8 authentication failed',
      count: 2,
      deliveries: [
        { id: 'dl_6', to: 'john@example.com', resource: 'bk_6' },
        { id: 'dl_7', to: 'zoe.angstrom@example.com', resource: 'bk_7' },
      ],
      nextTryAt: after(300),
    },
  ],
  more: false,
  rejections: [
    {
      reason: 'signature_wrong',
      count: 3,
      lastAt: after(-3600),
      meaning: "the secret in WEBKASA_WEBHOOK_SECRET differs from WebKasa's, or the body was changed on its way",
      remedy: 'Copy the secret that WebKasa shows beside this endpoint once more, and start the bot again.',
    },
  ],
  ...overrides,
});

export const anEffect = (overrides: Partial<Effect> = {}): Effect => ({
  id: 'ef_1',
  rule: 'confirm-booking',
  kind: 'email',
  to: 'john@example.com',
  does: 'send',
  why: 'already sent, other text now',
  toldAt: after(-1680),
  chosen: false,
  toAttendee: true,
  ...overrides,
});

export const aPreview = (overrides: Partial<RerunPreview> = {}): RerunPreview => ({
  id: 'bk_xyz789',
  webhook: { id: 'wh_evt_014', type: 'booking.confirmed', receivedAt: after(0) },
  resource: aSummary(),
  effects: [
    anEffect(),
    anEffect({
      id: 'ef_2',
      rule: 'tell-team',
      kind: 'slack',
      to: '#bookings',
      does: 'update',
      why: 'card differs',
      chosen: true,
      toAttendee: false,
    }),
    anEffect({
      id: 'ef_3',
      rule: 'list',
      kind: 'sheet',
      to: 'bookings.csv',
      does: 'add',
      why: 'differs in 2 cells: Status, Start',
      chosen: true,
      toAttendee: false,
    }),
    anEffect({
      id: 'ef_4',
      rule: 'tell-sales',
      kind: 'slack',
      to: '#sales',
      does: 'skip',
      why: 'already sent, same text',
      toAttendee: false,
    }),
  ],
  unplanned: [{ rule: 'vip-alert', why: ['data.schedule_id is sch_abc123; the rule wants sch_vip1'] }],
  ...overrides,
});

export const aSubscription = (overrides: Partial<Subscription> = {}): Subscription => ({
  id: 'sub_1f2e3d4c',
  channel: 'C0123SALES',
  channelName: '#sales',
  types: ['booking.created', 'booking.cancelled'],
  filters: [{ field: 'schedule', not: true, value: 'sch_1' }],
  by: ANN,
  at: after(-86_400).toISOString(),
  ...overrides,
});

export const theRules = (overrides: Partial<RulesAnswer> = {}): RulesAnswer => ({
  rules: [
    {
      id: 'mail-booking-created',
      on: ['booking.created'],
      when: ['data.attendee_email does not match @ourteam\\.example$'],
      actions: ['mail to {{ data.attendee_email }}', 'sheet bookings.csv'],
      paused: null,
      broken: [],
    },
    {
      id: 'tell-team',
      on: ['booking.*', 'event.*', 'registration.*'],
      when: [],
      actions: ['Slack #bookings'],
      paused: { by: ANN, at: after(-7200) },
      broken: [
        {
          channel: '#bookings',
          since: after(-3600),
          message: 'The channel is archived: unarchive it, or name another.',
        },
      ],
    },
  ],
  subscriptions: [
    {
      id: 'sub_1f2e3d4c',
      on: ['booking.created', 'booking.cancelled'],
      when: ['schedule is not sch_1'],
      actions: ['Slack #sales'],
      paused: null,
      broken: [],
      channel: '#sales',
      by: ANN,
      at: after(-86_400),
    },
  ],
  ...overrides,
});
