import type { ClaimedDelivery, Receipt } from '../../core/delivery.ts';
import { DeliveryError } from '../../core/errors.ts';
import { resourceKey } from '../../core/resource.ts';
import { createOneAtATime } from '../../runtime/one-at-a-time.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Turns } from '../../store/ports.ts';
import type { AttemptTools, Channel } from '../channel.ts';
import { unlessStopped } from '../unless-stopped.ts';
import { createAdmission } from './admission.ts';
import { createArrival } from './arrival.ts';
import { createCards } from './card.ts';
import { createChannelIds } from './channel-ids.ts';
import { createSlackClient, type SlackClientOptions } from './client.ts';
import { createComposer } from './compose.ts';
import type { Deps } from './deps.ts';
import { slackFailure } from './errors.ts';
import { createEventCards } from './event-card.ts';
import { createFolds } from './fold.ts';
import { createHistory } from './history.ts';
import { eventOf, renderDelivery, slackFingerprint } from './message.ts';
import { createPace } from './pace.ts';
import { createPlain } from './plain.ts';
import { createPoster, type OnChannel } from './poster.ts';
import { createThread } from './replies.ts';
import { createRoots } from './roots.ts';
import { createSummary } from './summary.ts';
import { createTelling, FOLD, type Outcome, type Telling, withDoubt } from './telling.ts';
import { createThreads } from './thread.ts';

export type SlackChannelDeps = SlackClientOptions &
  Pick<Deps, 'templates' | 'view' | 'store' | 'interactive' | 'now'> & {
    /** Ids of channels by name (with `#`), as subscriptions know them. */
    readonly knownChannels: () => ReadonlyMap<string, string>;
    /** Called when a channel can't be written to, and when it can be again. */
    readonly onChannel: OnChannel;
    /** Locks shared with other processes that post; in-process ones where absent. */
    readonly inTurn?: Turns['inTurn'] | undefined;
    /** Replaces real waiting, for tests. */
    readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
  };

/** High, since most attempts wait for their resource's turn or to be folded; poster.ts limits concurrent calls of Slack. */
const CONCURRENCY = 128;

/**
 * Notifies a team in Slack, as its rules ask: by a card that is kept up to date, by a thread, or by messages of their own; at
 * the rate Slack allows, and folded into a summary where a channel's queue is long. Where an earlier attempt may have got
 * through, its message is looked for before it is posted again. If the bot may not read the channel it posts, since twice is
 * better than never, and the receipt says so.
 */
export const createSlackChannel = (options: SlackChannelDeps): Channel => {
  const { now, store } = options;
  const turns = options.inTurn ?? createOneAtATime();
  const inTurn: Turns['inTurn'] = (name, work) => turns(`slack ${name}`, work);
  const sleep = options.sleep ?? ((milliseconds) => createWake().sleep(milliseconds));
  const client = createSlackClient(options);
  const pace = createPace(now, sleep);
  const channelIds = createChannelIds({ client, store, known: options.knownChannels, inTurn, now });
  const history = createHistory(client, channelIds);
  const poster = createPoster({ client, pace, channelIds, onChannel: options.onChannel });
  const arrival = createArrival(now, sleep);
  const deps: Deps = { ...options, compose: createComposer(options), pace, channelIds, history, poster, arrival };

  const roots = createRoots(deps);
  const thread = createThread({ ...deps, roots });
  const events = createEventCards({ ...deps, roots, thread });
  const cards = createCards({ ...deps, roots, thread, events });
  const threads = createThreads({ ...deps, roots, thread });
  const plain = createPlain(deps);

  /** Updates the registration counts on event cards after registrations were folded; returns the tellings that failed. */
  const recount = async (tellings: readonly Telling[]): Promise<ReadonlyMap<Telling, DeliveryError>> => {
    const failures = new Map<Telling, DeliveryError>();
    const byEvent = Map.groupBy(tellings, (telling) =>
      telling.slack.as === 'card' ? eventOf(telling.delivery.webhook) : undefined,
    );
    for (const [event, [first, ...others]] of byEvent) {
      if (event === undefined || !first) continue;
      await inTurn(`event:${event}`, () => events.recount(first, event)).catch((error: unknown) => {
        for (const telling of [first, ...others]) failures.set(telling, slackFailure(error, first.named));
      });
    }
    return failures;
  };

  const folds = createFolds({ now, sleep, createSummary: () => createSummary(deps), afterTold: recount });
  const admission = createAdmission(pace.posts, folds.joining);

  /** Serialised by resource alone, not by channel too: two rules may name one channel differently, by name and by id. */
  const tell = (telling: Telling): Promise<Outcome> => {
    const resource = resourceKey(telling.delivery.webhook);
    const event = eventOf(telling.delivery.webhook);
    if (!resource || telling.slack.as === 'plain') return plain.tell(telling);
    const about = event === undefined ? resource : { kind: 'event', id: event };
    return inTurn(`${about.kind}:${about.id}`, () => {
      if (telling.slack.as === 'thread') return threads.tell(telling, about);
      return event === undefined ? cards.tell(telling, resource) : events.tell(telling, event);
    });
  };

  const tellOrFold = async (telling: Telling, { note }: AttemptTools): Promise<Receipt> => {
    const { unclear } = telling.delivery;
    if (unclear?.note) await arrival.ofSentBefore(unclear.endedAt);
    const outcome = await tell(telling);
    if (outcome !== FOLD) return outcome;
    await note({ folded: true });
    return folds.join(telling);
  };

  return {
    kind: 'slack',
    concurrency: CONCURRENCY,
    admit: admission.admit,
    fingerprint: (delivery) => slackFingerprint(renderDelivery(delivery, options)),
    async perform(delivery, tools) {
      const { destination } = delivery;
      const paid = admission.begin(delivery, now());
      const rendered = renderDelivery(delivery, options);
      const folding = (): boolean => admission.folding(destination, now());
      const { settings } = options.view(delivery);
      const telling = createTelling(delivery, tools, { rendered, settings, paid, takePost: pace.takePost, folding });
      try {
        const receipt = await unlessStopped(tools.signal, stoppedError(delivery), () => tellOrFold(telling, tools));
        return { ...receipt, fingerprint: slackFingerprint(rendered) };
      } catch (error) {
        throw error instanceof DeliveryError ? withDoubt(error, telling.doubtSince()) : error;
      }
    },
    close: () => folds[Symbol.asyncDispose](),
  };
};

/** The client can't cancel a request, so the outcome stays unclear when the bot stops meanwhile. */
const stoppedError =
  ({ unclear }: Pick<ClaimedDelivery, 'unclear'>) =>
  (begun: boolean): DeliveryError =>
    new DeliveryError('stopped', 'The bot stopped before Slack answered.', {
      verdict: 'retry',
      unclear: begun || unclear !== null,
    });
