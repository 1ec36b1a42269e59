import { isChannelId } from '../../core/slack-id.ts';
import type { CardStore } from '../../store/ports.ts';

/** Under which ids Slack knows the channels that rules name: cards are updated by id, and ids outlive renaming. */
export type Places = {
  /** undefined where nothing has told it yet. */
  idOf(channel: string): Promise<string | undefined>;
  /** Remembers what Slack answered to a message sent to `channel`, also for after a restart. */
  learn(channel: string, id: string): Promise<void>;
};

export const createPlaces = (
  store: Pick<CardStore, 'getCard' | 'saveCard'>,
  known: () => ReadonlyMap<string, string>,
): Places => {
  const ids = new Map<string, string>();

  return {
    async idOf(channel) {
      if (isChannelId(channel)) return channel;
      const id = ids.get(channel) ?? (await store.getCard(keyOf(channel)))?.channel ?? known().get(channel);
      if (id) ids.set(channel, id);
      return id;
    },
    async learn(channel, id) {
      if (isChannelId(channel) || ids.get(channel) === id) return;
      ids.set(channel, id);
      await store.saveCard(keyOf(channel), { channel: id, ts: '', version: 0, detail: {} });
    },
  };
};

const keyOf = (channel: string): string => `channel|${channel}`;
