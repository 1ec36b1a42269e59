import { about, type Case, type Finding } from './case.ts';
import type { Delivery } from './evidence.ts';

export type Repeats = { readonly email: number; readonly slack: number; readonly sheet: number };

/** Mail can't be looked up; Slack is asked, and the sheet is read, before anything is done again. */
const MAY_REPEAT = 'email';

/** How many attempts at a delivery broke off after the provider may have accepted. */
export const doubtsOf = (
  { attempts, kind, id }: Delivery,
  { unanswered, cuts }: Pick<Case, 'unanswered' | 'cuts'>,
): number => {
  const interrupted = attempts.filter(({ outcome }) => outcome === 'unclear').length;
  if (kind !== MAY_REPEAT) return interrupted;
  const cut = attempts.filter(
    ({ startedAt, endedAt, outcome }) =>
      outcome === 'retry' && cuts.some((at) => startedAt <= at && at <= (endedAt ?? Number.POSITIVE_INFINITY)),
  ).length;
  return interrupted + cut + (unanswered.get(id) ?? 0);
};

/** Attempts of each kind that broke off so. */
export const inDoubt = (all: Case): Repeats => {
  const sum = (kind: Delivery['kind']): number =>
    all.deliveries.reduce((total, each) => total + (each.kind === kind ? doubtsOf(each, all) : 0), 0);
  return { email: sum('email'), slack: sum('slack'), sheet: sum('sheet') };
};

const surplus = (arrived: readonly string[]): number => arrived.length - new Set(arrived).size;

/** The deliveries that arrived at Slack. A card and a reply below it may be of one, where others replied in between. */
const messagesOf = ({ posts, byId }: Case): string[] =>
  posts.map(({ metadata, thread }) => {
    const id = String(metadata?.event_payload.delivery_id);
    return byId.get(id)?.rule === 'card' && thread !== undefined ? `${id} in a thread` : id;
  });

export const repeatsOf = (all: Case): Repeats => ({
  email: surplus(all.mails),
  slack: surplus(messagesOf(all)),
  sheet: surplus(all.rows.map(({ Webhook }) => Webhook)),
});

/** No mail comes more often than its attempts explain; no message and no row ever comes twice. */
export const auditRepeats = (all: Case): Finding[] => {
  const times = (arrived: readonly string[]): [string, number][] =>
    [...Map.groupBy(arrived, (id) => id)].map(([id, each]) => [id, each.length]);
  const mails = times(all.mails).flatMap(([id, count]) => {
    const delivery = all.byId.get(id);
    const doubts = delivery ? doubtsOf(delivery, all) : 0;
    return count <= 1 + doubts ? [] : [`the mail ${id} came ${count} times, and ${doubts} attempts broke off`];
  });
  const posts = times(messagesOf(all)).flatMap(([id, count]) =>
    count === 1 ? [] : [`the message ${id} came ${count} times`],
  );
  return about('no more repeats than attempts that broke off', [...mails, ...posts]);
};
