import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { METADATA_TYPE } from './message.ts';

/** `unknown`: the channel's history could not be read, or not far enough back. */
export type Look =
  | { readonly found: 'posted'; readonly channel: string; readonly ts: string }
  | { readonly found: 'nothing' }
  | { readonly found: 'unknown'; readonly why: string };

/** Clocks differ; a message can't be older than its attempt by more than this. */
const MARGIN_MS = 60_000;
/** 2,000 messages since the attempt, and 20,000 channels. */
const HISTORY_PAGES = 10;
const LIST_PAGES = 20;

/** Finds out whether a delivery was posted all the same, when nobody told us. */
export type History = {
  /** Remembers under which id Slack knows a channel that rules name. */
  learn(name: string, id: string): void;
  /** Looks for the message of a delivery since `from`, Unix milliseconds. Rejects where Slack fails in passing. */
  look(deliveryId: string, channel: string, from: number): Promise<Look>;
};

export const createHistory = (client: WebClient): History => {
  const ids = new Map<string, string>();

  const idOf = async (channel: string): Promise<string | undefined> => {
    if (/^[CGD][A-Z0-9]{7,}$/.test(channel)) return channel;
    return ids.get(channel) ?? (await listedId(client, channel, 'public_channel,private_channel'));
  };

  return {
    learn(name, id) {
      ids.set(name, id);
    },
    async look(deliveryId, channel, from) {
      try {
        const id = await idOf(channel);
        if (id === undefined) return { found: 'unknown', why: `the id of ${channel} is not known` };
        ids.set(channel, id);
        return await searchHistory(client, deliveryId, id, from);
      } catch (error) {
        if (error instanceof WebAPIPlatformError && UNREADABLE.has(error.data.error)) {
          return { found: 'unknown', why: error.data.error };
        }
        throw error;
      }
    },
  };
};

/** Reasons for which a history stays closed to the bot, however often it asks. */
const UNREADABLE = new Set([
  'missing_scope',
  'not_in_channel',
  'channel_not_found',
  'no_permission',
  'method_not_supported_for_channel_type',
  'is_archived',
  'ekm_access_denied',
]);

const searchHistory = async (client: WebClient, deliveryId: string, channel: string, from: number): Promise<Look> => {
  const oldest = ((from - MARGIN_MS) / 1000).toFixed(6);
  let cursor: string | undefined;
  for (let page = 0; page < HISTORY_PAGES; page += 1) {
    const answer = await client.conversations.history({
      channel,
      oldest,
      inclusive: true,
      include_all_metadata: true,
      limit: 200,
      ...(cursor && { cursor }),
    });
    for (const { metadata, ts } of answer.messages ?? []) {
      const payload: Readonly<Record<string, unknown>> = metadata?.event_payload ?? {};
      if (ts && metadata?.event_type === METADATA_TYPE && payload.delivery_id === deliveryId) {
        return { found: 'posted', channel, ts };
      }
    }
    cursor = answer.response_metadata?.next_cursor;
    if (!cursor) return { found: 'nothing' };
  }
  return { found: 'unknown', why: 'too much was posted since' };
};

/** Private channels need a scope of their own (groups:read); without it the public ones are looked through. */
const listedId = async (client: WebClient, channel: string, types: string): Promise<string | undefined> => {
  const name = channel.replace(/^#/, '');
  let cursor: string | undefined;
  try {
    for (let page = 0; page < LIST_PAGES; page += 1) {
      const answer = await client.conversations.list({ types, limit: 1000, ...(cursor && { cursor }) });
      const listed = answer.channels?.find((each) => each.name === name);
      cursor = answer.response_metadata?.next_cursor;
      if (listed?.id || !cursor) return listed?.id;
    }
  } catch (error) {
    const lacksScope = error instanceof WebAPIPlatformError && error.data.error === 'missing_scope';
    if (!lacksScope || types === 'public_channel') throw error;
    return listedId(client, channel, 'public_channel');
  }
  return undefined;
};
