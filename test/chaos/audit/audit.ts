import { auditCards, readsOnCards } from './cards.ts';
import { about, type Case, type Finding } from './case.ts';
import type { Delivery, Evidence } from './evidence.ts';
import { auditLogs } from './logs.ts';
import { auditOrder } from './order.ts';
import { auditRepeats, doubtsOf, inDoubt, type Repeats, repeatsOf } from './repeats.ts';
import { auditSheets } from './sheets.ts';

export type Audit = {
  readonly findings: readonly Finding[];
  readonly counts: {
    readonly accepted: number;
    readonly deliveries: number;
    readonly done: number;
    readonly superseded: number;
    readonly dead: number;
    readonly together: number;
    /** Attempts that broke off so that nobody knows whether they arrived: no delivery may repeat more often. */
    readonly inDoubt: Repeats;
    readonly repeats: Repeats;
    /** Attempts that did not succeed, by the kind of action and what they failed of. */
    readonly failures: Readonly<Record<string, number>>;
  };
};

/** Compares all that was accepted with the store and with all that arrived. Looks only at what it is handed. */
export const audit = (evidence: Evidence): Audit => {
  const webhooks = [...evidence.stored.values()].flat();
  const deliveries = webhooks.flatMap((webhook) => webhook.deliveries);
  const posted = evidence.posts.map(({ metadata }) => String(metadata?.event_payload.delivery_id));
  const byId = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  const all: Case = { ...evidence, webhooks, deliveries, byId, posted };
  const findings = [
    ...auditStored(all),
    ...auditDecisions(all),
    ...auditEnded(all),
    ...auditArrived(all),
    ...auditRepeats(all),
    ...auditOrder(all),
    ...auditCards(all),
    ...auditSheets(all),
    ...auditLogs(all),
  ];
  const count = (test: (delivery: Delivery) => boolean): number => deliveries.filter(test).length;
  return {
    findings,
    counts: {
      accepted: evidence.accepted.size,
      deliveries: deliveries.length,
      done: count(({ status }) => status === 'done'),
      superseded: count(({ status }) => status === 'superseded'),
      dead: count(({ status }) => status === 'dead'),
      together: count(({ together }) => together !== null),
      inDoubt: inDoubt(all),
      repeats: repeatsOf(all),
      failures: failuresIn(deliveries),
    },
  };
};

const failuresIn = (deliveries: readonly Delivery[]): Record<string, number> => {
  const failures: Record<string, number> = {};
  for (const { kind, attempts } of deliveries) {
    for (const { outcome, code } of attempts) {
      if (outcome === 'done') continue;
      const name = `${kind} ${code ?? outcome}`;
      failures[name] = (failures[name] ?? 0) + 1;
    }
  }
  return failures;
};

const auditStored = ({ accepted, stored }: Case): Finding[] =>
  [...accepted.keys()].flatMap((id) => {
    const found = stored.get(id)?.length ?? 0;
    if (found === 1) return [];
    const what = found === 0 ? 'was answered 200 and is not in the store' : `is in the store ${found} times`;
    return about('200 means kept, once', [`${id} ${what}`]);
  });

/** Every webhook has a decision of each rule, and what it had to plan is planned once. */
const auditDecisions = ({ webhooks, accepted, rules }: Case): Finding[] => {
  const sets = new Set(rules.map((ids) => [...ids].sort().join()));
  return about(
    'a decision by every rule, and nothing planned twice',
    webhooks.flatMap(({ id, decidedAt, decisions, deliveries }) => {
      const told = accepted.get(id);
      if (!told) return [];
      const decided = decisions.map(({ rule }) => rule).sort();
      if (decidedAt === null || !sets.has(decided.join())) return [`${id} was decided on by: ${decided.join(', ')}`];
      const planned = deliveries.map(({ rule }) => rule).sort();
      const wanted = [...told.rules].sort();
      return planned.join() === wanted.join() ? [] : [`${id} has ${planned.join(', ')}; it needs ${wanted.join(', ')}`];
    }),
  );
};

const ENDED = ['done', 'superseded'];

/** Nothing waits for ever; nothing is given up, as every fault of ours is mended. */
const auditEnded = ({ deliveries }: Case): Finding[] =>
  about(
    'every delivery ends, none as a dead letter',
    deliveries.flatMap(({ id, kind, status, attempts }) => {
      const last = attempts.at(-1);
      return ENDED.includes(status) ? [] : [`${kind} ${id} is ${status}: ${last?.code ?? ''} ${last?.message ?? ''}`];
    }),
  );

/** What is done did arrive, and what arrived is done. Sheets have their own part. */
const auditArrived = (all: Case): Finding[] => {
  const { deliveries, byId, mails, posted, posts } = all;
  const arrived = { email: new Set(mails), slack: new Set(posted) };
  const summaries = new Map(posts.map(({ metadata, text }) => [String(metadata?.event_payload.delivery_id), text]));
  const readsOnCard = readsOnCards(all);
  const missing = deliveries.flatMap((delivery) => {
    const { id, webhookId, rule, kind, status, together } = delivery;
    if (kind === 'sheet' || status !== 'done' || together !== null) return [];
    return (rule === 'card' ? readsOnCard(delivery) : arrived[kind].has(id))
      ? []
      : [`${kind} ${id} (${rule} of ${webhookId}) is done and did not arrive`];
  });
  const unknown = [...arrived.email, ...arrived.slack].flatMap((id) => {
    if (id.startsWith('sum_')) return [];
    const delivery = byId.get(id);
    if (!delivery) return [`${id} arrived, and nothing of the kind was planned`];
    // One in doubt may have arrived, and yet make no sense any more when it is tried again.
    const mayHave = delivery.status === 'superseded' && doubtsOf(delivery, all) > 0;
    return delivery.status === 'done' || mayHave ? [] : [`${delivery.kind} ${id} arrived and is ${delivery.status}`];
  });
  const together = Map.groupBy(deliveries, (delivery) => delivery.together);
  const miscounted = [...together].flatMap(([id, members]) => {
    if (id === null) return [];
    const told = Number(/\d+/.exec(summaries.get(id) ?? '')?.[0] ?? 0);
    const webhooks = new Set(members.map(({ webhookId }) => webhookId)).size;
    return told === webhooks ? [] : [`the summary ${id} tells of ${told} webhooks, ${webhooks} are in it`];
  });
  return about('what is done arrived, and what arrived was planned', [...missing, ...unknown, ...miscounted]);
};
