import { ALERTS_CARD } from '../../store/card-ports.ts';
import type { CardStore } from '../../store/ports.ts';
import { type AlertState, emptyState } from './state.ts';

/** The state of alerts, kept beside the cards. Only within the turn of that name may it be read and then written. */
export const keptState = (store: Pick<CardStore, 'getCard' | 'saveCard'>, now: () => number) => ({
  async read(): Promise<AlertState> {
    const detail = (await store.getCard(ALERTS_CARD))?.detail;
    // Written by nobody but the line below, so that its shape is what was written.
    return detail ? { ...emptyState(now()), ...(detail as Partial<AlertState>) } : emptyState(now());
  },
  write: (state: AlertState): Promise<void> =>
    store.saveCard(ALERTS_CARD, { channel: '', ts: '', version: 0, detail: { ...state } }),
});
