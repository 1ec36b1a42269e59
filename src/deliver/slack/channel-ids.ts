import type { WebClient } from '@slack/web-api';
import { isChannelId, isUserId } from '../../core/slack-id.ts';
import type { CardStore, Turns } from '../../store/ports.ts';
import { hasName, idByName } from './channel-names.ts';

/**
 * Resolves the channel names in rules to Slack's ids: cards are updated by id, and ids survive renaming. A name may pass from
 * one channel to another, so a resolution is checked again after each start, every hour, and when a subscription resolves the
 * name differently.
 */
export type ChannelIds = {
  /** undefined where it is not known yet. */
  idOf(channel: string): Promise<string | undefined>;
  /** The same, and where it is not known, searches Slack's list of channels; rejects where that fails. */
  find(channel: string): Promise<string | undefined>;
  /** Stores the id that Slack answered to a message sent to `channel`, also for after a restart. */
  learn(channel: string, id: string): Promise<void>;
};

type Learnt = {
  readonly id: string;
  /** The id by subscriptions at that time. */
  readonly heard: string | undefined;
  /** Until when it is used without checking. */
  readonly until: number;
};

const SURE_MS = 3_600_000;
/** Where the check failed, the next one comes after this. */
const UNSURE_MS = 60_000;

export const createChannelIds = (deps: {
  readonly client: WebClient;
  readonly store: Pick<CardStore, 'getCard' | 'saveCard'>;
  readonly known: () => ReadonlyMap<string, string>;
  readonly inTurn: Turns['inTurn'];
  readonly now: () => number;
}): ChannelIds => {
  const { client, store, known, inTurn, now } = deps;
  const ids = new Map<string, Learnt>();

  const remember = (channel: string, id: string, sureMs: number): void => {
    ids.set(channel, { id, heard: known().get(channel), until: now() + sureMs });
  };

  const learn = async (channel: string, id: string): Promise<void> => {
    if (isChannelId(channel)) return;
    const before = ids.get(channel)?.id;
    remember(channel, id, SURE_MS);
    if (before !== id) await store.saveCard(keyOf(channel), { channel: id, ts: '', version: 0, detail: {} });
  };

  const granted = (channel: string): string | undefined => {
    const learnt = ids.get(channel);
    return learnt && learnt.heard === known().get(channel) && now() < learnt.until ? learnt.id : undefined;
  };

  /** Where the channel was renamed and no other has its old name, rules still mean the renamed one. */
  const lookAgain = async (channel: string): Promise<string | undefined> => {
    const before = ids.get(channel)?.id ?? (await store.getCard(keyOf(channel)))?.channel;
    const id = before ?? known().get(channel);
    if (id === undefined) return undefined;
    try {
      const moved = !isUserId(channel) && !(await hasName(client, id, channel));
      const current = (moved ? await idByName(client, channel) : undefined) ?? id;
      await learn(channel, current);
      return current;
    } catch {
      // A failed check holds up no message: posting will show what is wrong.
      remember(channel, id, UNSURE_MS);
      return id;
    }
  };

  const idOf = async (channel: string): Promise<string | undefined> =>
    isChannelId(channel)
      ? channel
      : (granted(channel) ?? inTurn(`channel ${channel}`, async () => granted(channel) ?? lookAgain(channel)));

  return {
    idOf,
    async find(channel) {
      const id = await idOf(channel);
      if (id !== undefined) return id;
      const listed = await idByName(client, channel);
      if (listed !== undefined) await learn(channel, listed);
      return listed;
    },
    learn,
  };
};

const keyOf = (channel: string): string => `channel|${channel}`;
