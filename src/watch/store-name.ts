import { randomUUID } from 'node:crypto';
import type { CardStore, Turns } from '../store/ports.ts';

const KEY = 'store name';

/** The name of a store, given to it by whoever asks first; it says nothing about what is in it. */
export const nameStore = (store: Pick<CardStore, 'getCard' | 'saveCard'> & Turns): Promise<string> =>
  store.inTurn(KEY, async () => {
    const known = (await store.getCard(KEY))?.detail.name;
    if (typeof known === 'string') return known;
    const name = randomUUID();
    await store.saveCard(KEY, { channel: '', ts: '', version: 0, detail: { name } });
    return name;
  });
