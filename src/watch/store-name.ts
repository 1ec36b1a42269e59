import { randomUUID } from 'node:crypto';
import { STORE_CARD } from '../store/card-ports.ts';
import type { CardStore, Turns } from '../store/ports.ts';

/** The name of a store: random, made by the first call and kept in the store, so that all its processes agree on it. */
export const nameStore = (store: Pick<CardStore, 'getCard' | 'saveCard'> & Turns): Promise<string> =>
  store.inTurn(STORE_CARD, async () => {
    const known = (await store.getCard(STORE_CARD))?.detail.name;
    if (typeof known === 'string') return known;
    const name = randomUUID();
    await store.saveCard(STORE_CARD, { channel: '', ts: '', version: 0, detail: { name } });
    return name;
  });
