import { randomBytes } from 'node:crypto';
import { DeliveryError } from '../../core/errors.ts';
import type { Card } from '../../store/ports.ts';
import type { ViewSettings } from '../../template/view.ts';
import type { Deps } from './deps.ts';
import { isGone } from './errors.ts';
import type { Address, PostedMessage } from './poster.ts';
import { summaryContent } from './summary-text.ts';

/** A delivery that a summary includes. */
export type Member = {
  readonly id: string;
  readonly webhookId: string;
  readonly type: string;
  /** When it happened, in Unix milliseconds. */
  readonly at: number;
};

/** Where it goes, and the zone of its times for clients that can't convert to the reader's. */
export type Reader = Address & { readonly settings: ViewSettings };

/** The summary of a channel's queue: one message that is updated until nothing was added to it for five minutes. */
export type Summary = {
  /** Adds members and posts or updates the message; returns the summary's id. All or nothing. Must not run concurrently. */
  tell(to: Reader, members: readonly Member[]): Promise<string>;
};

const QUIET_MS = 5 * 60_000;
const PAGE = 1000;

type State = {
  readonly id: string;
  /** undefined until it is posted. */
  place: PostedMessage | undefined;
  /** When it was about to be posted, while the outcome of that is unclear. */
  doubtSince: number | undefined;
  /** When it was last changed. */
  at: number;
  /** The webhook and type of each delivery in it, whether or not its receipt is stored yet. */
  readonly members: Map<string, Pick<Member, 'webhookId' | 'type'>>;
  /** When the first and the last of them happened. */
  from: number;
  to: number;
  shown: string;
};

export const createSummary = (deps: Deps): Summary => {
  const { arrival, history, now, pace, poster, store } = deps;
  let state: State | undefined;

  const save = async (to: Reader, { id, place, doubtSince, at, from, to: last }: State): Promise<void> => {
    const { channel, ts } = place ?? { channel: to.named, ts: '' };
    const detail = { id, doubtSince: doubtSince ?? null, at, from, to: last };
    await store.saveCard(keyOf(to), { channel, ts, version: 0, detail });
  };

  /** Those with stored receipts. A crash leaves no others: a delivery without a receipt is performed again. */
  const membersOf = async (id: string): Promise<State['members']> => {
    const members: State['members'] = new Map();
    for (let offset = 0; ; offset += PAGE) {
      const page = await store.together(id, { limit: PAGE, offset });
      for (const { id: delivery, webhookId, type } of page) members.set(delivery, { webhookId, type });
      if (page.length < PAGE) return members;
    }
  };

  /** The summary that another process, or this one before it was restarted, saved last. */
  const stored = async (card: Card | undefined, own: State | undefined): Promise<State | undefined> => {
    const { id, doubtSince, at, from, to: last } = card?.detail ?? {};
    if (!card || typeof id !== 'string') return undefined;
    const told = await membersOf(id);
    return {
      id,
      place: card.ts === '' ? undefined : { channel: card.channel, ts: card.ts },
      doubtSince: typeof doubtSince === 'number' ? doubtSince : undefined,
      at: Number(at),
      // Receipts are stored after the summary, so those of this process's latest members may still be missing.
      members: own?.id === id ? new Map([...own.members, ...told]) : told,
      from: Number(from),
      to: Number(last),
      shown: '',
    };
  };

  const begun = (): State => ({
    id: `sum_${randomBytes(5).toString('hex')}`,
    place: undefined,
    doubtSince: undefined,
    at: now(),
    members: new Map(),
    from: Number.MAX_SAFE_INTEGER,
    to: 0,
    shown: '',
  });

  const current = async (to: Reader): Promise<State> => {
    const card = await store.getCard(keyOf(to));
    const isNewest = state !== undefined && card?.detail.id === state.id && card.detail.at === state.at;
    // Another process may have gone on with it while this one did not deliver.
    if (!isNewest) state = await stored(card, state);
    if (!state || Math.abs(now() - state.at) > QUIET_MS) state = begun();
    return state;
  };

  const contentOf = ({ settings }: Reader, { id, members, from, to }: State) => {
    const webhooks = new Map([...members.values()].map(({ webhookId, type }) => [webhookId, type]));
    const counts = new Map<string, number>();
    for (const type of webhooks.values()) counts.set(type, (counts.get(type) ?? 0) + 1);
    return summaryContent({ id, counts, from, to }, { settings, interactive: deps.interactive });
  };

  const post = async (to: Reader, summary: State): Promise<void> => {
    await pace.post(to.destination);
    summary.doubtSince = now();
    await save(to, summary);
    const letter = { channel: to.named, content: contentOf(to, summary), payload: { delivery_id: summary.id } };
    summary.place = await poster.post(to, letter).catch((error: unknown) => {
      if (error instanceof DeliveryError && !error.unclear) summary.doubtSince = undefined;
      throw error;
    });
    summary.doubtSince = undefined;
  };

  const found = async (to: Reader, { id, doubtSince }: State): Promise<PostedMessage | undefined> => {
    if (doubtSince === undefined) return undefined;
    await arrival.ofSent(doubtSince);
    const look = await history.look(to.named, doubtSince, (payload) => payload.delivery_id === id);
    return look.found === 'posted' ? look : undefined;
  };

  const show = async (to: Reader, summary: State): Promise<void> => {
    summary.place ??= await found(to, summary);
    if (!summary.place) return post(to, summary);
    const content = contentOf(to, summary);
    if (content.text === summary.shown) return;
    await pace.update();
    try {
      await poster.update(to, summary.place, content);
    } catch (error) {
      if (!isGone(error)) throw error;
      // Somebody deleted it: a new message includes all of it.
      summary.place = undefined;
      await post(to, summary);
    }
  };

  return {
    async tell(to, members) {
      const summary = await current(to);
      const added = members.filter(({ id }) => !summary.members.has(id));
      for (const member of added) summary.members.set(member.id, member);
      const before = { from: summary.from, to: summary.to };
      summary.from = Math.min(summary.from, ...members.map(({ at }) => at));
      summary.to = Math.max(summary.to, ...members.map(({ at }) => at));
      try {
        await show(to, summary);
      } catch (error) {
        for (const { id } of added) summary.members.delete(id);
        Object.assign(summary, before);
        throw error;
      }
      summary.shown = contentOf(to, summary).text;
      summary.at = now();
      await save(to, summary);
      return summary.id;
    },
  };
};

const keyOf = ({ destination }: Reader): string => `summary|${destination}`;
