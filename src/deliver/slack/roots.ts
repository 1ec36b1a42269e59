import { hash } from 'node:crypto';
import { DeliveryError } from '../../core/errors.ts';
import type { ResourceKey } from '../../core/resource.ts';
import type { Card, CardStore } from '../../store/ports.ts';
import type { Arrival } from './arrival.ts';
import type { CardDetail } from './card-detail.ts';
import type { ChannelIds } from './channel-ids.ts';
import type { Content } from './compose.ts';
import type { History } from './history.ts';
import type { Poster } from './poster.ts';
import type { Telling } from './telling.ts';

/**
 * The messages that updates and replies attach to: a card, or the first of a thread; one for each channel and name. Before one
 * is posted, the intent is stored, so that after a crash or a broken connection the next delivery, whichever it is, looks for
 * it instead of posting it again.
 */
export type Roots = {
  /** The stored one, or one whose posting had an unclear outcome, if Slack has it. */
  find(telling: Telling, name: string, draft: () => Draft): Promise<Card | undefined>;
  /** Posts one and stores it. */
  open(telling: Telling, name: string, content: Content, draft: Draft): Promise<Card>;
  save(name: string, card: Card): Promise<void>;
  /** The stored one of a channel, by the channel's id; undefined also while the outcome of posting it is unclear. */
  kept(channel: string, name: string): Promise<Card | undefined>;
  /** To be called when it no longer exists in Slack. */
  forget(name: string, card: Card): Promise<void>;
};

/** What is stored about a root that this delivery posts, or turns out to have posted in an earlier attempt. */
export type Draft = { readonly version: number; readonly detail: CardDetail };

const LONGEST_ID = 200;

/** `booking:bk_1`: what a message is about, for keys and metadata; hashed where ids are too long. */
export const nameOf = ({ kind, id }: ResourceKey): string =>
  kind.length + id.length <= LONGEST_ID ? `${kind}:${id}` : `long:${hash('sha256', `${kind}:${id}`)}`;

export const createRoots = (deps: {
  readonly store: Pick<CardStore, 'getCard' | 'saveCard'>;
  readonly channelIds: ChannelIds;
  readonly history: History;
  readonly poster: Poster;
  readonly arrival: Arrival;
  readonly now: () => number;
}): Roots => {
  const { store, channelIds, history, poster, arrival, now } = deps;

  const save = (name: string, card: Card): Promise<void> => store.saveCard(keyOf(card.channel, name), card);

  /** The intent is stored under the channel's name where its id was not known at that time. */
  const keptOrBegun = async (named: string, name: string): Promise<Card | undefined> => {
    const id = await channelIds.idOf(named);
    const byId = id === undefined ? undefined : await store.getCard(keyOf(id, name));
    return byId ?? (id === named ? undefined : store.getCard(keyOf(named, name)));
  };

  const adopted = (
    telling: Telling,
    found: { channel: string; ts: string; payload: object },
    draft: () => Draft,
  ): Card => {
    const { channel, ts, payload } = found;
    const { delivery_id: by, version } = payload as { delivery_id?: unknown; version?: unknown };
    const place = { channel, ts, version: typeof version === 'number' ? version : 0 };
    if (by === telling.delivery.id) return { ...place, detail: draft().detail };
    const opener = String(by);
    return {
      ...place,
      detail: { shows: '', by: opener, opener, untold: [], told: [], replying: null, event: null } satisfies CardDetail,
    };
  };

  return {
    save,
    async kept(channel, name) {
      const card = await store.getCard(keyOf(channel, name));
      return card?.ts === '' ? undefined : card;
    },
    forget: (name, card) => save(name, { channel: card.channel, ts: '', version: 0, detail: {} }),
    async find(telling, name, draft) {
      const card = await keptOrBegun(telling.named, name);
      if (card?.ts !== '') return card;
      const { since } = card.detail;
      if (typeof since !== 'number') return undefined;
      await arrival.ofSent(since);
      const look = await history.look(telling.named, since, (payload) => payload.card === name);
      telling.looked(look);
      if (look.found !== 'posted') return undefined;
      const found = adopted(telling, look, draft);
      await save(name, found);
      return found;
    },
    async open(telling, name, content, { version, detail }) {
      telling.spend();
      const channel = (await channelIds.idOf(telling.named)) ?? telling.named;
      const before = { channel, ts: '', version: 0 };
      await save(name, { ...before, detail: { since: now() } });
      const payload = { delivery_id: telling.delivery.id, card: name, version };
      const place = await poster.post(telling, { channel: telling.named, content, payload }).catch(async (error) => {
        const certain = error instanceof DeliveryError && !error.unclear;
        if (certain) await save(name, { ...before, detail: {} });
        throw error;
      });
      const card = { ...place, version, detail };
      await save(name, card);
      return card;
    },
  };
};

const keyOf = (channel: string, name: string): string => `${channel}|${name}`;
