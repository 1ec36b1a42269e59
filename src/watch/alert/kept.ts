import { ALERTS_CARD } from '../../store/card-ports.ts';
import type { CardStore } from '../../store/ports.ts';
import { type AlertState, emptyState } from './state.ts';

/** The state of alerts, kept as a card in the store. To be read and written only within the turn `alerts`. */
export const keptState = (store: Pick<CardStore, 'getCard' | 'saveCard'>, now: () => number) => ({
  async read(): Promise<AlertState> {
    const detail = (await store.getCard(ALERTS_CARD))?.detail;
    // Nothing but `write` below writes this card, so its shape is known.
    return detail ? { ...emptyState(now()), ...(detail as Partial<AlertState>) } : emptyState(now());
  },
  write: (state: AlertState): Promise<void> =>
    store.saveCard(ALERTS_CARD, { channel: '', ts: '', version: 0, detail: { ...state } }),
});
