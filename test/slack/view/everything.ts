import type { Actor } from '../../../src/core/actor.ts';
import type { Alert, Trouble } from '../../../src/core/alert.ts';
import type { DeliveryStatus } from '../../../src/core/delivery.ts';
import type { DeliveryStory } from '../../../src/query/delivery-story.ts';
import type { Effect } from '../../../src/query/rerun.ts';
import type { Summary } from '../../../src/query/summary.ts';
import type { RuleStory } from '../../../src/query/why.ts';
import { agendaView } from '../../../src/slack/view/agenda.ts';
import { alertView } from '../../../src/slack/view/alert.ts';
import type { SlackAnswer, SlackDialog } from '../../../src/slack/view/answer.ts';
import { brokenChannelAlert, channelWorksAgainAlert } from '../../../src/slack/view/channel-alert.ts';
import { failedView } from '../../../src/slack/view/failed.ts';
import { failureView } from '../../../src/slack/view/failure.ts';
import { pausedView, resumedView } from '../../../src/slack/view/pause.ts';
import { postedCopy } from '../../../src/slack/view/posted.ts';
import { problemView } from '../../../src/slack/view/problem.ts';
import { rerunDialog, rerunLoadingDialog } from '../../../src/slack/view/rerun.ts';
import { rerunNotOpenedView } from '../../../src/slack/view/rerun-not-opened.ts';
import { rerunNotPossibleDialog } from '../../../src/slack/view/rerun-not-possible.ts';
import { rerunOutcomeView } from '../../../src/slack/view/rerun-outcome.ts';
import { retryAllView, retryView } from '../../../src/slack/view/retry.ts';
import { rulesView } from '../../../src/slack/view/rules.ts';
import { searchView } from '../../../src/slack/view/search.ts';
import { showView } from '../../../src/slack/view/show.ts';
import { subscribedView, unsubscribedView, welcomeMessage } from '../../../src/slack/view/subscription.ts';
import { togetherView } from '../../../src/slack/view/together.ts';
import { whyView } from '../../../src/slack/view/why.ts';
import {
  aDelivery,
  aFailed,
  after,
  anAgenda,
  anEffect,
  aPreview,
  aSearch,
  aShow,
  aSubscription,
  aSummary,
  aWebhookStory,
  aWhy,
  LOOK,
  theRules,
} from './samples.ts';

/** One word after the other, from wherever: each place in an answer that somebody can fill gets the next. */
export type Say = () => string;

const STATUSES: readonly DeliveryStatus[] = ['done', 'dead', 'pending', 'running', 'superseded'];
const KINDS = ['email', 'slack', 'sheet'] as const;

const times = <Item>(number: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: number }, (_, index) => make(index));
const pick = <Item>(items: readonly [Item, ...Item[]], index: number): Item => items[index % items.length] ?? items[0];
const statusOf = (index: number): DeliveryStatus => STATUSES[index % STATUSES.length] ?? 'done';

const summary = (say: Say): Summary =>
  aSummary({
    kind: say(),
    id: say(),
    what: say(),
    status: say(),
    title: say(),
    name: say(),
    email: say(),
    start: say(),
    timezone: say(),
    previousStart: say(),
  });

const actor = (say: Say): Actor => ({ id: say(), name: say(), via: 'slack' });

const delivery = (say: Say, index: number): DeliveryStory =>
  aDelivery({
    id: say(),
    rule: say(),
    kind: pick(KINDS, index),
    to: say(),
    status: statusOf(index),
    tries: index,
    supersededBy: say(),
    together: say(),
    rerunBy: actor(say),
    paused: index % 3 === 0 ? { until: after(60), message: say() } : null,
    nextTryAt: after(90),
    attempts: times(index % 4, (attempt) => ({
      startedAt: after(attempt),
      endedAt: after(attempt + 1),
      outcome: 'retry',
      code: say(),
      message: say(),
    })),
  });

const rule = (say: Say, index: number, deliveries: number): RuleStory => ({
  rule: say(),
  reasons: [{ code: index % 2 === 0 ? 'other_type' : 'condition_failed', text: say() }],
  deliveries: times(deliveries, (each) => delivery(say, each)),
});

const effect = (say: Say, index: number): Effect =>
  anEffect({
    id: say(),
    rule: say(),
    kind: pick(KINDS, index),
    to: say(),
    does: pick(['send', 'update', 'add', 'skip'], index),
    why: say(),
    toldAt: index % 2 === 0 ? after(index) : null,
    chosen: index % 3 !== 0,
    toAttendee: index % 4 === 0,
  });

/** Every answer the bot can give, with `many` of each thing in a list. */
export const everyAnswer = (say: Say, many: number): Readonly<Record<string, SlackAnswer>> => {
  const asked = { question: `search ${say()}`, offset: many % 3 };
  const subscription = aSubscription({
    id: say(),
    channel: say(),
    channelName: say(),
    types: times(many, say),
    filters: times(many, () => ({ field: say(), not: true, value: say() })),
    by: actor(say),
  });
  const pause = { rule: say(), by: actor(say), at: after(0).toISOString() };
  const broken = { channel: say(), since: after(0).toISOString(), code: say(), message: say(), told: false };
  const rejections = times(many, () => ({
    reason: say(),
    count: many,
    lastAt: after(1),
    meaning: say(),
    remedy: say(),
  }));
  const target = (index: number) => ({ id: say(), kind: pick(KINDS, index), to: say(), rule: say(), webhookId: say() });
  const ruleLine = (index: number) => ({
    id: say(),
    on: times(many, say),
    when: times(many, say),
    actions: times(many, say),
    paused: index % 2 === 0 ? { by: actor(say), at: after(0) } : null,
    broken: times(index % 3, () => ({ channel: say(), since: after(0), message: say() })),
  });
  const search = searchView(
    aSearch({
      query: { words: say(), status: say(), schedule: say(), type: say(), from: 0, to: 86_400_000 },
      resources: times(many, () => summary(say)),
      offset: asked.offset,
    }),
    asked,
    LOOK,
  );
  return {
    search,
    'posted search': postedCopy(search, { by: say(), question: say() }),
    show: showView(
      aShow({
        id: say(),
        resources: times(many, () => ({
          ...summary(say),
          data: Object.fromEntries(times(many, () => [say(), say()])),
        })),
        webhooks: times(many, () => ({
          id: say(),
          type: say(),
          receivedAt: after(0),
          decided: true,
          deliveries: times(many, (index) => ({
            id: say(),
            kind: pick(KINDS, index),
            to: say(),
            status: statusOf(index),
          })),
        })),
      }),
      asked,
      LOOK,
    ),
    'show of nothing': showView(aShow({ id: say(), found: false, rejections }), asked, LOOK),
    agenda: agendaView(anAgenda({ resources: times(many, () => summary(say)) }), asked, LOOK),
    together: togetherView(
      {
        id: say(),
        limit: many,
        offset: asked.offset,
        more: true,
        deliveries: times(many, (index) => ({
          id: say(),
          webhookId: say(),
          type: say(),
          resource: index % 2 === 0 ? say() : null,
          what: say(),
          status: statusOf(index),
        })),
      },
      asked,
      LOOK,
    ),
    why: whyView(
      aWhy({
        id: say(),
        resources: times(many, () => summary(say)),
        webhooks: times(many, () =>
          aWebhookStory({
            id: say(),
            type: say(),
            behind: say(),
            oddities: times(many, say),
            moved: { from: say(), to: say() },
            rules: times(many, (index) => rule(say, index, index % 3)),
          }),
        ),
        acts: times(many, () => ({ at: after(3), by: actor(say), kind: 'rerun', subject: say(), summary: say() })),
      }),
      asked,
      LOOK,
    ),
    failed: failedView(
      aFailed({
        pauses: times(many, (index) => ({
          kind: pick(KINDS, index),
          since: after(0),
          until: after(9),
          code: say(),
          message: say(),
        })),
        causes: times(many, (index) => ({
          state: pick(['dead', 'waiting'], index),
          kind: pick(KINDS, index),
          code: say(),
          message: say(),
          count: many,
          deliveries: times(many, () => ({ id: say(), to: say(), resource: say() })),
          nextTryAt: after(5),
        })),
        rejections,
      }),
      asked,
      LOOK,
    ),
    retry: retryView(
      {
        id: say(),
        found: true,
        retried: times(many, target),
        more: 0,
        left: times(many, (index) => ({ ...target(index), status: statusOf(index) })),
        lifted: times(many, (index) => ({ kind: pick(KINDS, index), message: say() })),
        rejections: [],
      },
      LOOK,
    ),
    'retry of nothing': retryView(
      { id: say(), found: true, retried: [], more: 0, left: [], lifted: [], rejections },
      LOOK,
    ),
    'retry of all': retryAllView({ retried: times(many, target), lifted: [] }, LOOK),
    'rerun outcome': rerunOutcomeView(
      {
        outcome: 'planned',
        webhookId: say(),
        planned: times(many, (index) => effect(say, index)),
        left: times(many, (index) => effect(say, index)),
        changed: many,
      },
      LOOK,
    ),
    rules: rulesView(
      theRules({
        rules: times(many, ruleLine),
        problem: say(),
        subscriptions: times(many, (index) => ({ ...ruleLine(index), channel: say(), by: actor(say), at: after(0) })),
      }),
      asked,
      LOOK,
    ),
    'rerun not opened': rerunNotOpenedView({ id: say(), problem: say() }),
    'problem, again': problemView({ problem: say(), about: 'subscribe', nearest: null, again: say() }, LOOK),
    problem: problemView({ problem: say(), about: null, nearest: `search ${say()}` }, LOOK),
    failure: failureView({ about: 'search', message: say(), remedy: say() }, LOOK),
    subscribed: subscribedView({ subscription, known: many % 2 === 0 }, LOOK),
    unsubscribed: unsubscribedView({ removed: times(many, () => subscription) }, LOOK),
    paused: pausedView({ pause, known: true }, LOOK),
    resumed: resumedView({ rule: say(), pause }, LOOK),
    welcome: welcomeMessage(subscription, LOOK),
    'broken channel': brokenChannelAlert({ broken, rules: times(many, say) }, LOOK),
    'channel works again': channelWorksAgainAlert({ broken }, LOOK),
    'trouble begun': alertView({ as: 'begun', trouble: trouble(say) }, { interactive: true }, LOOK),
    'trouble over': alertView({ as: 'over', trouble: trouble(say), at: LOOK.now }, { interactive: true }, LOOK),
    'deaths with buttons': alertView(deaths(say, many), { interactive: true }, LOOK),
    'deaths without buttons': alertView(deaths(say, many), { interactive: false }, LOOK),
  };
};

const trouble = (say: Say): Trouble => ({
  key: 'pause:email',
  title: say(),
  overTitle: say(),
  cause: say(),
  // Words of the bot's own.
  remedy: 'Mend it: `npm run cli -- doctor` says how.',
  since: LOOK.now,
});

const deaths = (say: Say, many: number): Alert => ({
  as: 'dead',
  count: many,
  at: LOOK.now,
  deliveries: times(Math.min(many, 5), () => ({
    id: say(),
    kind: 'email',
    to: say(),
    resource: say(),
    rule: say(),
    code: say(),
    message: say(),
  })),
});

export const everyDialog = (say: Say, many: number): Readonly<Record<string, SlackDialog>> => ({
  rerun: rerunDialog(
    aPreview({
      id: say(),
      webhook: { id: say(), type: say(), receivedAt: after(0) },
      resource: summary(say),
      effects: times(many * 4, (index) => effect(say, index)),
      unplanned: times(many, () => ({ rule: say(), why: times(2, say) })),
    }),
    'what the bot keeps',
    LOOK,
  ),
  loading: rerunLoadingDialog(say()),
  unknown: rerunNotPossibleDialog({ id: say(), reason: 'unknown' }),
  failed: rerunNotPossibleDialog({ id: say(), reason: 'failed', message: say(), remedy: say() }),
});
