import { hash } from 'node:crypto';
import { DeliveryError } from '../../core/errors.ts';
import type { ResourceKey } from '../../core/resource.ts';
import type { Card, CardStore } from '../../store/ports.ts';
import type { Arrival } from './arrival.ts';
import type { CardDetail } from './card-detail.ts';
import type { Content } from './compose.ts';
import type { History } from './history.ts';
import type { Places } from './places.ts';
import type { Poster } from './poster.ts';
import type { Telling } from './telling.ts';

/**
 * The messages that others gather around: a card, or the first of a thread; one for each channel and name. Before one is
 * posted it is noted that it is about to be, so that after a crash or a broken connection it is looked for instead of
 * being posted again, whichever delivery comes next.
 */
export type Roots = {
  find(telling: Telling, name: string, draft: () => Draft): Promise<Card | undefined>;
  /** Posts one and keeps it. */
  open(telling: Telling, name: string, content: Content, draft: Draft): Promise<Card>;
  save(name: string, card: Card): Promise<void>;
  /** The one of a channel, by its id, as it was kept; undefined also where it is not sure to be there. */
  kept(channel: string, name: string): Promise<Card | undefined>;
  /** It is gone from Slack. */
  forget(name: string, card: Card): Promise<void>;
};

/** A root as the delivery at hand would make it: also what is known of one that an earlier attempt turns out to have made. */
export type Draft = { readonly version: number; readonly detail: CardDetail };

const LONGEST_ID = 200;

/** `booking:bk_1`: what a message is about, for keys and for its metadata, whatever length ids have. */
export const nameOf = ({ kind, id }: ResourceKey): string =>
  kind.length + id.length <= LONGEST_ID ? `${kind}:${id}` : `long:${hash('sha256', `${kind}:${id}`)}`;

export const createRoots = (deps: {
  readonly store: Pick<CardStore, 'getCard' | 'saveCard'>;
  readonly places: Places;
  readonly history: History;
  readonly poster: Poster;
  readonly arrival: Arrival;
  readonly now: () => number;
}): Roots => {
  const { store, places, history, poster, arrival, now } = deps;

  const save = (name: string, card: Card): Promise<void> => store.saveCard(keyOf(card.channel, name), card);

  /** Where the channel's id was not known yet when a root was about to be posted, that was noted under its name. */
  const keptOrBegun = async (named: string, name: string): Promise<Card | undefined> => {
    const id = await places.idOf(named);
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
      const channel = (await places.idOf(telling.named)) ?? telling.named;
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
