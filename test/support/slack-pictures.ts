import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeadDelivery } from '../../src/core/alert.ts';
import { agendaView } from '../../src/slack/view/agenda.ts';
import { alertView } from '../../src/slack/view/alert.ts';
import { brokenChannelAlert, channelWorksAgainAlert } from '../../src/slack/view/channel-alert.ts';
import { failedView } from '../../src/slack/view/failed.ts';
import { failureView } from '../../src/slack/view/failure.ts';
import { helpView } from '../../src/slack/view/help.ts';
import { pausedView, resumedView } from '../../src/slack/view/pause.ts';
import { postedCopy } from '../../src/slack/view/posted.ts';
import { problemView } from '../../src/slack/view/problem.ts';
import { refusalView } from '../../src/slack/view/refusal.ts';
import { rerunDialog } from '../../src/slack/view/rerun.ts';
import { rerunOutcomeView } from '../../src/slack/view/rerun-outcome.ts';
import { rulesView } from '../../src/slack/view/rules.ts';
import { searchView } from '../../src/slack/view/search.ts';
import { showView } from '../../src/slack/view/show.ts';
import { subscribedView, unsubscribedView, welcomeMessage } from '../../src/slack/view/subscription.ts';
import { whyView } from '../../src/slack/view/why.ts';
import { pauseTrouble } from '../../src/watch/alert/troubles.ts';
import * as samples from '../slack/view/samples.ts';
import { channelAfter } from './slack-card.ts';
import { type Shown, takePicture } from './slack-picture.ts';

/*
 * Pictures of what people see in Slack: node test/support/slack-pictures.ts FOLDER [NAME …]
 * Those of the README: node test/support/slack-pictures.ts docs/images docs
 */

const { LOOK: look } = samples;
const broken = {
  channel: 'C0123SALES',
  since: samples.after(-60).toISOString(),
  code: 'is_archived',
  message: 'The channel is archived: unarchive it, or name another.',
  told: false,
};
const preview = samples.aPreview();
const trouble = pauseTrouble({
  kind: 'email',
  since: samples.after(-60).getTime(),
  until: look.now,
  code: 'auth',
  message: 'The mail server refused the login (535). Check the user and password in SMTP_URL.',
});
const death = (to: string, resource: string): DeadDelivery => ({
  id: `dl_${resource.slice(3)}0f2d`,
  kind: 'email',
  to,
  resource,
  rule: 'confirm-booking',
  code: 'no_such_mailbox',
  message: 'There is no such mailbox: 550 5.1.1 unknown. Correct the address where it comes from, then retry.',
});

const booking = (id: string, type: string, created_at: string, data: Readonly<Record<string, unknown>>) => ({
  id,
  type,
  created_at,
  data: {
    id: 'bk_xyz789',
    schedule_id: 'sch_abc123',
    status: 'CONFIRMED',
    attendee_name: 'John Doe',
    attendee_email: 'john@example.com',
    title: 'First consultation',
    timezone: 'America/New_York',
    start_time: '2027-02-15T15:00:00Z',
    end_time: '2027-02-15T16:00:00Z',
    location: 'Room 4',
    ...data,
  },
});

const MOVED = { start_time: '2027-02-16T14:00:00Z', end_time: '2027-02-16T15:00:00Z' };

const ofABooking = [
  booking('wh_evt_001', 'booking.created', '2027-01-15T10:30:00Z', { status: 'PENDING' }),
  booking('wh_evt_002', 'booking.confirmed', '2027-01-15T11:02:00Z', {}),
  booking('wh_evt_003', 'booking.confirmed', '2027-01-20T08:15:00Z', MOVED),
];

const attendee = (id: string, name: string, guest_count: number) => ({
  id: `wh_evt_1${id}`,
  type: 'registration.created',
  created_at: `2027-01-1${id}T10:00:00Z`,
  data: {
    id: `reg_${id}`,
    event_id: 'evt_abc123',
    status: 'CONFIRMED',
    attendee_name: name,
    attendee_email: `${name.split(' ')[0]?.toLowerCase()}@example.com`,
    guest_count,
  },
});

const ofAnEvent = [
  {
    id: 'wh_evt_010',
    type: 'event.created',
    created_at: '2027-01-10T10:00:00Z',
    data: {
      id: 'evt_abc123',
      title: 'Monthly Meditation',
      description: 'Join us for our monthly meditation session',
      start_date: '2027-02-15',
      start_time: '19:00',
      end_time: '21:00',
      timezone: 'America/Los_Angeles',
      location: 'Community Center',
      slots: 30,
      status: 'published',
    },
  },
  attendee('1', 'Zoe Adams', 0),
  attendee('2', 'Ben Okri', 2),
];

const pictures: Readonly<Record<string, () => readonly Shown[] | Promise<readonly Shown[]>>> = {
  card: () => channelAfter(ofABooking),
  'card-cancelled': () =>
    channelAfter([
      ...ofABooking,
      booking('wh_evt_004', 'booking.cancelled', '2027-01-21T08:15:00Z', { ...MOVED, status: 'CANCELLED' }),
    ]),
  event: () => channelAfter(ofAnEvent),
  search: () => [searchView(samples.aSearch(), { question: 'search john status:confirmed' }, look)],
  'search-nothing': () => [
    searchView(samples.aSearch({ resources: [], more: false }), { question: 'search john' }, look),
    problemView({ problem: '“serach” is no command.', about: null, nearest: 'search john' }, look),
    refusalView({ about: 'retry', who: '<@U012ANN> and <!subteam^S012>' }, look),
    failureView({ about: 'search', message: null, remedy: null }, look),
  ],
  show: () => [showView(samples.aShow(), { question: 'show bk_xyz789' }, look)],
  upcoming: () => [agendaView(samples.anAgenda(), { question: 'upcoming' }, look)],
  why: () => [whyView(samples.aWhy(), { question: 'why bk_xyz789' }, look)],
  posted: () => [
    postedCopy(searchView(samples.aSearch(), { question: 'search john' }, look), {
      by: 'U012ANN',
      question: 'search john',
    }),
  ],
  failed: () => [failedView(samples.aFailed(), { question: 'failed' }, look)],
  rules: () => [rulesView(samples.theRules(), { question: 'rules' }, look)],
  help: () => [helpView(null, look), helpView('search', look)],
  rerun: () => [
    rerunDialog(preview, '', look),
    rerunOutcomeView(
      {
        outcome: 'planned',
        webhookId: 'wh_evt_014',
        planned: preview.effects.slice(1, 3),
        left: preview.effects.slice(3),
        changed: 1,
      },
      look,
    ),
  ],
  team: () => [
    welcomeMessage(samples.aSubscription(), look),
    subscribedView({ subscription: samples.aSubscription(), known: false }, look),
    unsubscribedView({ removed: [samples.aSubscription()] }, look),
    pausedView(
      { pause: { rule: 'tell-team', by: samples.ANN, at: samples.after(0).toISOString() }, known: false },
      look,
    ),
    resumedView(
      { rule: 'tell-team', pause: { rule: 'tell-team', by: samples.ANN, at: samples.after(0).toISOString() } },
      look,
    ),
    brokenChannelAlert({ broken, rules: ['tell-team', 'sub_1f2e3d4c'] }, look),
    channelWorksAgainAlert({ broken }, look),
  ],
  alerts: () => [
    alertView({ as: 'begun', trouble }, { interactive: true }, look),
    alertView({ as: 'over', trouble, at: look.now }, { interactive: true }, look),
    alertView(
      {
        as: 'dead',
        count: 7,
        deliveries: [death('jane@example.com', 'bk_7f3k2'), death('joe@example.com', 'bk_9a1c4')],
        at: look.now,
      },
      { interactive: true },
      look,
    ),
    alertView(
      { as: 'dead', count: 1, deliveries: [death('jane@example.com', 'bk_7f3k2')], at: look.now },
      { interactive: false },
      look,
    ),
  ],
};

/** Those in the README. */
const IN_DOCS = { 'slack-card': 'card', 'slack-why': 'why' };

const [folder = 'pictures', ...names] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
if (names.includes('docs')) {
  for (const [file, name] of Object.entries(IN_DOCS)) {
    const seen = (await pictures[name]?.()) ?? [];
    await takePicture(seen, join(folder, `${file}.png`), { width: 620 });
  }
} else {
  for (const [name, shown] of Object.entries(pictures)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const seen = await shown();
    await takePicture(seen, join(folder, `${name}-phone.png`), { width: 360 });
    await takePicture(seen, join(folder, `${name}-desktop.png`), { width: 720 });
  }
}
