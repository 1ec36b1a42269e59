import { about, type Case, type Finding } from './case.ts';
import type { Delivery } from './evidence.ts';
import { doubtsOf } from './repeats.ts';

/** For each booking and rule, what arrived comes in the order in which it happened, and only what came late is left out. */
export const auditOrder = (all: Case): Finding[] =>
  about('order for each booking and destination, and only what is late gives way', [
    ...outOfOrder(arrivals(all.mails, all), all),
    ...outOfOrder(arrivals(all.posted, all), all),
    ...outOfOrder(
      all.rows.map(({ Webhook }) => ({ webhookId: Webhook, rule: 'row' })),
      all,
    ),
    ...wronglySuperseded(all),
  ]);

/** A thread tells what came late too, below what is newer; so does the log of rows. Mails and messages leave it out. */
const TELLS_LATE = ['card', 'row'];

type Arrival = { readonly webhookId: string; readonly rule: string };

/** Among first arrivals: a repeat tells nothing new. */
const outOfOrder = (arrived: readonly Arrival[], all: Case): string[] => {
  const { accepted, webhooks, wrongClock, commit } = all;
  const known = new Map(webhooks.map((webhook) => [webhook.id, webhook]));
  const newest = new Map<string, Arrival>();
  return arrived.flatMap((arrival) => {
    const { webhookId, rule } = arrival;
    const told = accepted.get(webhookId);
    if (!told) return [];
    const name = `${told.about} by ${rule}`;
    const before = newest.get(name);
    const step = accepted.get(before?.webhookId ?? '')?.step ?? -1;
    if (!before || step <= told.step) {
      newest.set(name, arrival);
      return [];
    }
    const newer = known.get(before.webhookId)?.deliveries.find((each) => each.rule === rule);
    // Where nobody knew whether the newer one had arrived, an older one that came meanwhile went before it is tried again.
    if (TELLS_LATE.includes(rule) || (newer && doubtsOf(newer, all) > 0)) {
      const before = firstAttempt(newer) - (known.get(webhookId)?.decidedAt ?? 0);
      if (wrongClock || before <= commit) return [];
      return [`step ${told.step} of ${name} came after step ${step}, and was decided ${before} ms before that began`];
    }
    return [`step ${told.step} of ${name} came after step ${step}`];
  });
};

const arrivals = (ids: readonly string[], { byId }: Case): Arrival[] =>
  [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);

const firstAttempt = (delivery: Delivery | undefined): number =>
  Math.min(...(delivery?.attempts.map(({ startedAt }) => startedAt) ?? []), Number.POSITIVE_INFINITY);

/**
 * A delivery gives way only to something newer, which was told to the same reader before this one was planned; a mail also
 * where it says what is no longer so.
 */
const wronglySuperseded = ({ deliveries, webhooks, accepted, wrongClock, commit }: Case): string[] => {
  const known = new Map(webhooks.map((webhook) => [webhook.id, webhook]));
  const newestDecided = newestOf(webhooks, accepted);
  return deliveries.flatMap(({ id, webhookId, rule, kind, status, supersededBy, attempts }) => {
    const told = accepted.get(webhookId);
    if (status !== 'superseded' || !told) return [];
    if (supersededBy === null) {
      const contradicted = kind === 'email' && attempts.at(-1)?.code === 'contradicted';
      const isOld = (newestDecided.get(told.about) ?? 0) > told.step;
      return contradicted && isOld ? [] : [`${kind} ${id} was left out, and nothing contradicts it`];
    }
    const newer = known.get(supersededBy)?.deliveries.find((delivery) => delivery.rule === rule);
    const newerTold = accepted.get(supersededBy);
    const isNewer = newerTold?.about === told.about && newerTold.step > told.step;
    if (newer?.status !== 'done' || !isNewer) return [`${kind} ${id} gave way to nothing newer`];
    const before = firstAttempt(newer) - (known.get(webhookId)?.decidedAt ?? 0);
    const wrong = before > commit && !wrongClock;
    return wrong ? [`${kind} ${id} gave way to ${newer.id}, and had been planned ${before} ms before that began`] : [];
  });
};

/** The newest step of each booking. */
const newestOf = (webhooks: Case['webhooks'], accepted: Case['accepted']): Map<string, number> => {
  const newest = new Map<string, number>();
  for (const { id } of webhooks) {
    const told = accepted.get(id);
    if (told) newest.set(told.about, Math.max(told.step, newest.get(told.about) ?? 0));
  }
  return newest;
};
