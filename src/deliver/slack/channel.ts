import type { ClaimedDelivery, Receipt } from '../../core/delivery.ts';
import { DeliveryError } from '../../core/errors.ts';
import { resourceKey } from '../../core/resource.ts';
import { createOneAtATime } from '../../runtime/one-at-a-time.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Turns } from '../../store/ports.ts';
import type { AttemptTools, Channel } from '../channel.ts';
import { createAdmission } from './admission.ts';
import { createArrival } from './arrival.ts';
import { createCards } from './card.ts';
import { createSlackClient, type SlackClientOptions } from './client.ts';
import { createComposer } from './compose.ts';
import type { Deps } from './deps.ts';
import { slackFailure } from './errors.ts';
import { createEventCards } from './event-card.ts';
import { createFolds } from './fold.ts';
import { createHistory } from './history.ts';
import { eventOf, renderDelivery, slackFingerprint } from './message.ts';
import { createPace } from './pace.ts';
import { createPlaces } from './places.ts';
import { createPlain } from './plain.ts';
import { createPoster, type OnChannel } from './poster.ts';
import { createThread } from './replies.ts';
import { createRoots } from './roots.ts';
import { createSummary } from './summary.ts';
import { createTelling, FOLD, type Outcome, type Telling, withDoubt } from './telling.ts';
import { createThreads } from './thread.ts';

export type SlackChannelDeps = SlackClientOptions &
  Pick<Deps, 'templates' | 'view' | 'store' | 'interactive' | 'now'> & {
    /** Channels known from elsewhere (subscriptions): id by name, with `#`. */
    readonly knownChannels: () => ReadonlyMap<string, string>;
    /** Told when a channel can't be written to, and when it can again. */
    readonly onChannel: OnChannel;
    /** Where other processes post too, turns that they take too. */
    readonly inTurn?: Turns['inTurn'] | undefined;
    /** Waits; by the machine's own clock where absent. */
    readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
  };

/** Most of them wait for their resource's turn or to be told together; calls of Slack are fewer at a time. */
const CONCURRENCY = 128;

/**
 * Tells a team in Slack, as its rules ask: by a card that is kept up to date, by a thread, or by messages of their own; at
 * the rate Slack allows, and together where a channel's queue is long. Where an earlier try may have got through, its
 * message is looked for before it is posted again; where the bot may not read the channel, it is posted, since twice is
 * better than never, and the receipt says so.
 */
export const createSlackChannel = (options: SlackChannelDeps): Channel => {
  const { now, store } = options;
  const turns = options.inTurn ?? createOneAtATime();
  const inTurn: Turns['inTurn'] = (name, work) => turns(`slack ${name}`, work);
  const sleep = options.sleep ?? ((milliseconds) => createWake().sleep(milliseconds));
  const client = createSlackClient(options);
  const pace = createPace(now, sleep);
  const places = createPlaces({ client, store, known: options.knownChannels, inTurn, now });
  const history = createHistory(client, places);
  const poster = createPoster({ client, pace, places, onChannel: options.onChannel });
  const arrival = createArrival(now, sleep);
  const deps: Deps = { ...options, compose: createComposer(options), pace, places, history, poster, arrival };

  const thread = createThread(deps);
  const roots = createRoots(deps);
  const events = createEventCards({ ...deps, roots, thread });
  const cards = createCards({ ...deps, roots, thread, events });
  const threads = createThreads({ ...deps, roots, thread });
  const plain = createPlain(deps);

  /** Counts of the cards of events that people registered for. */
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

  /** Two rules may name one channel in two ways, so what is about one resource goes one after the other whatever they say. */
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
        const receipt = await unlessStopped(tools.signal, delivery, () => tellOrFold(telling, tools));
        return { ...receipt, fingerprint: slackFingerprint(rendered) };
      } catch (error) {
        throw error instanceof DeliveryError ? withDoubt(error, telling.doubtSince()) : error;
      }
    },
    close: () => folds[Symbol.asyncDispose](),
  };
};

/** The client can't call a request back, so its outcome stays unclear when the bot stops meanwhile. */
const unlessStopped = async (
  signal: AttemptTools['signal'],
  delivery: ClaimedDelivery,
  run: () => Promise<Receipt>,
): Promise<Receipt> => {
  const stopped = (underWay: boolean): DeliveryError =>
    new DeliveryError('stopped', 'The bot stopped before Slack answered.', {
      verdict: 'retry',
      unclear: underWay || delivery.unclear !== null,
    });
  if (signal.aborted) throw stopped(false);
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(stopped(true));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([run(), promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};
