import { ALERTS_CARD } from '../../store/card-ports.ts';
import type { CardStore } from '../../store/ports.ts';
import { type AlertState, emptyState } from './state.ts';

/**
 * The state of alerts, kept as a card in the store. To be read and written only within the turn `alerts`. A state that could
 * not be written, as with a full disk, is remembered and read again in place of the one in the store: otherwise every check
 * would send the same alerts once more. It is dropped as soon as another process has written one.
 */
export const keptState = (store: Pick<CardStore, 'getCard' | 'saveCard'>, now: () => number) => {
  /** When the state that was read last had been written. */
  let readOf = 0;
  let unwritten: { readonly after: number; readonly state: AlertState } | undefined;
  return {
    async read(): Promise<AlertState> {
      const detail = (await store.getCard(ALERTS_CARD))?.detail;
      // Nothing but `write` below writes this card, so its shape is known.
      const found = detail ? { ...emptyState(now()), ...(detail as Partial<AlertState>) } : emptyState(now());
      readOf = found.savedAt;
      if (unwritten?.after !== readOf) unwritten = undefined;
      return unwritten?.state ?? found;
    },

    /** Whether the state that was read last still has to be written. */
    isUnwritten: (): boolean => unwritten !== undefined,

    async write(state: AlertState): Promise<void> {
      unwritten = { after: readOf, state };
      await store.saveCard(ALERTS_CARD, { channel: '', ts: '', version: 0, detail: { ...state } });
      unwritten = undefined;
    },
  };
};
