import { messageOf } from '../core/errors.ts';
import { eventOf } from '../core/event-of.ts';
import { applyWebhook, type Resource, type ResourceKey, resourceKey } from '../core/resource.ts';
import type { Decision } from '../core/rule.ts';
import { createdAt, oddities, parseWebhook, type Webhook } from '../core/webhook.ts';
import type { Log } from '../runtime/log.ts';
import { createOutage } from '../runtime/outage.ts';
import { giveWay, type Pressure } from '../runtime/pressure.ts';
import { createWake } from '../runtime/wake.ts';
import type { RoutingStore, StoredWebhook } from '../store/ports.ts';
import { type ViewSettings, viewOf } from '../template/view.ts';
import { decide } from './plan.ts';
import type { Rulebook } from './rulebook.ts';

export type RouterDeps = {
  readonly store: RoutingStore;
  readonly rulebook: () => Pick<Rulebook, 'rules'>;
  readonly settings: ViewSettings;
  readonly slackChannel: string;
  readonly pressure: Pick<Pressure, 'high'>;
  /** Called after deliveries were planned. */
  readonly onPlanned: () => void;
  readonly now: () => number;
  readonly log: Log;
};

export type WebhookRouter = {
  /** To be called when there may be something to route. */
  wake(): void;
  /** Finishes the round under way and stops. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Webhooks a round: under pressure small batches with `rest` milliseconds between them, so that accepting stays fast. */
const BATCH = { quiet: 64, busy: 8, rest: 250 };
const IDLE = 1_000;
/** Bytes of JSON that are parsed and in memory at the same time; a single larger webhook goes alone. */
const BITE = 4_000_000;

/**
 * Milliseconds that deliveries wait if webhooks of a resource arrive out of order. The missing ones are probably right
 * behind: what arrives within this time is delivered in order, and what is older and arrives later is superseded.
 */
const REORDER_WINDOW = 1_500;

/** Starts routing: every accepted webhook gets its decisions, in order of arrival, now or after any crash. */
export const startRouter = (deps: RouterDeps): WebhookRouter => {
  const { store, pressure, log } = deps;
  const alarm = createWake();
  let stopping = false;

  const round = async (): Promise<void> => {
    const busy = pressure.high();
    const waiting = await store.unrouted(busy ? BATCH.busy : BATCH.quiet);
    for (const bite of bites(waiting)) {
      await Promise.all(groupByResource(bite).map((group) => routeInOrder(group, deps)));
    }
    if (waiting.length === 0) await alarm.sleep(IDLE);
    else if (busy) await giveWay(pressure, alarm, BATCH.rest);
  };

  const outage = createOutage({
    failed: (error) => log.error({ error }, 'webhooks wait to be routed: the store failed; trying again'),
    over: () => log.info('the store works again: webhooks are routed'),
  });

  const run = async (): Promise<void> => {
    while (!stopping) {
      try {
        await round();
        outage.over();
      } catch (error) {
        outage.failed(messageOf(error));
        await alarm.sleep(IDLE);
      }
    }
  };
  const running = run();

  return {
    wake: alarm.wake,
    async [Symbol.asyncDispose]() {
      stopping = true;
      alarm.stop();
      await running;
    },
  };
};

type Item = { readonly stored: StoredWebhook; readonly webhook: Webhook; readonly key: ResourceKey | undefined };

/** Splits webhooks into groups of at most BITE bytes, to bound memory: a few of a megabyte each, or all of the small ones. */
const bites = (waiting: readonly StoredWebhook[]): StoredWebhook[][] => {
  const all: StoredWebhook[][] = [];
  let size = BITE;
  for (const stored of waiting) {
    if (size + stored.body.length > BITE) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(stored);
    size += stored.body.length;
  }
  return all;
};

const groupByResource = (waiting: readonly StoredWebhook[]): Item[][] => {
  const groups = new Map<string, Item[]>();
  for (const stored of waiting) {
    const parsed = parseWebhook(stored.body);
    const webhook = 'webhook' in parsed ? parsed.webhook : { id: stored.id, type: stored.type };
    const key = resourceKey(webhook);
    const name = key ? `${key.kind}:${key.id}` : `webhook:${stored.seq}`;
    groups.set(name, [...(groups.get(name) ?? []), { stored, webhook, key }]);
  }
  return [...groups.values()];
};

/** Routes the webhooks of one resource one after the other, since each decision depends on the state the one before left. */
const routeInOrder = async (group: readonly Item[], deps: RouterDeps): Promise<void> => {
  const key = group[0]?.key;
  let resource = key && (await deps.store.getResource(key));
  for (const item of group) {
    const next = await routeOne(item, resource, deps);
    if (next === 'conflict') return;
    resource = next;
  }
};

const routeOne = async (
  { stored, webhook, key }: Item,
  before: Resource | undefined,
  deps: RouterDeps,
): Promise<Resource | undefined | 'conflict'> => {
  const { store, settings } = deps;
  const applied = key && applyWebhook(before, key, webhook, stored.receivedAt, settings.timezone);
  const movedFrom = applied?.movedFrom ?? null;
  const changed = applied?.changedFrom && { changedFrom: applied.changedFrom };
  const view = viewOf(webhook, { movedFrom, event: await eventOf(webhook, store), ...changed }, settings);
  const outcomes = deps.rulebook().rules.map((rule) =>
    decide(rule, {
      webhook,
      view,
      receivedAt: stored.receivedAt,
      key,
      movedFrom,
      ...changed,
      defaults: { slackChannel: deps.slackChannel },
    }),
  );
  const decisions: Decision[] = outcomes.map(({ decision }) => decision);
  const deliveries = outcomes.flatMap((outcome) => outcome.deliveries);
  const decidedAt = deps.now();
  const saved = await store.saveRouting({
    seq: stored.seq,
    createdAt: createdAt(webhook, stored.receivedAt),
    decidedAt,
    dueAt: decidedAt + (outOfOrder(before, applied, webhook) ? REORDER_WINDOW : 0),
    decisions,
    deliveries,
    oddities: oddities(webhook),
    movedFrom,
    ...changed,
    key,
    resource: applied?.resource,
    expectedVersion: before?.version,
  });
  if (saved === 'conflict') return 'conflict';
  deps.log.debug({ webhook: stored.id, type: stored.type, planned: deliveries.length }, 'routed');
  if (deliveries.length > 0) deps.onPlanned();
  return applied?.resource;
};

/**
 * Whether webhooks of this resource seem to arrive out of order: this one is older than the known state, or it is the first of
 * its resource without being its creation.
 */
const outOfOrder = (before: Resource | undefined, applied: { stale: boolean } | undefined, webhook: Webhook): boolean =>
  applied !== undefined && (applied.stale || (before === undefined && !webhook.type.endsWith('.created')));
