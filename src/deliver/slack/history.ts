import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import type { ChannelIds } from './channel-ids.ts';
import { slackFailure } from './errors.ts';
import { METADATA_TYPE } from './message.ts';

/** The payload in the metadata of one of the bot's messages. */
export type Payload = Readonly<Record<string, unknown>>;

/** The result of a search; `unknown` where the messages could not be read, or not far enough back. */
export type Look =
  | { readonly found: 'posted'; readonly channel: string; readonly ts: string; readonly payload: Payload }
  | { readonly found: 'nothing' }
  | { readonly found: 'unknown'; readonly why: string };

/** Tolerance for clocks that differ: a message is at most this much older than its attempt. */
const MARGIN_MS = 60_000;
/** Of 200 messages each, from the newest back to the attempt. */
const HISTORY_PAGES = 10;

/** Searches for messages whose posting had an unclear outcome. Rejects with a DeliveryError where Slack fails transiently. */
export type History = {
  /** Looks for one of the bot's messages in a channel since `from`, Unix milliseconds. */
  look(channel: string, from: number, isIt: (payload: Payload) => boolean): Promise<Look>;
  /** The same among the replies in a message's thread. */
  lookInThread(
    root: { readonly channel: string; readonly ts: string; readonly named?: string },
    from: number,
    isIt: (payload: Payload) => boolean,
  ): Promise<Look>;
};

type Page = Awaited<ReturnType<WebClient['conversations']['history' | 'replies']>>;

export const createHistory = (client: WebClient, channelIds: ChannelIds): History => {
  /** The bot can post to public channels that it is not in, but not read them: it joins those that it has to search. */
  const fromInside = async (channel: string, read: () => Promise<Look>): Promise<Look> => {
    try {
      return await read();
    } catch (error) {
      if (!isAnswer(error, 'not_in_channel') || !(await joined(client, channel))) throw error;
      return read();
    }
  };

  return {
    async look(channel, from, isIt) {
      try {
        const id = await channelIds.find(channel);
        if (id === undefined) return { found: 'unknown', why: `the id of ${channel} is not known` };
        const pageAt = (cursor: string | undefined) =>
          client.conversations.history({ channel: id, ...since(from, cursor) });
        return await fromInside(id, () => search(id, isIt, pageAt));
      } catch (error) {
        return unreadable(error, channel);
      }
    },
    async lookInThread({ channel, ts, named = channel }, from, isIt) {
      try {
        const pageAt = (cursor: string | undefined) =>
          client.conversations.replies({ channel, ts, ...since(from, cursor) });
        return await fromInside(channel, () => search(channel, isIt, pageAt, ts));
      } catch (error) {
        // Without a thread, nothing was posted to it.
        if (isAnswer(error, 'thread_not_found')) return { found: 'nothing' };
        return unreadable(error, named);
      }
    },
  };
};

const isAnswer = (error: unknown, name: string): boolean =>
  error instanceof WebAPIPlatformError && error.data.error === name;

/** Joins a channel; false where Slack refuses that (an older installation lacks the scope, say). */
const joined = async (client: WebClient, channel: string): Promise<boolean> => {
  try {
    await client.conversations.join({ channel });
    return true;
  } catch (error) {
    if (error instanceof WebAPIPlatformError && slackFailure(error, channel).verdict !== 'wait') return false;
    throw error;
  }
};

/** Permanent reasons for which the bot can't read a channel. */
const UNREADABLE = new Set([
  'missing_scope',
  'not_in_channel',
  'channel_not_found',
  'no_permission',
  'method_not_supported_for_channel_type',
  'is_archived',
  'ekm_access_denied',
]);

const unreadable = (error: unknown, channel: string): Look => {
  if (error instanceof WebAPIPlatformError && UNREADABLE.has(error.data.error)) {
    return { found: 'unknown', why: error.data.error };
  }
  throw slackFailure(error, channel);
};

const since = (from: number, cursor: string | undefined) => ({
  oldest: ((from - MARGIN_MS) / 1000).toFixed(6),
  inclusive: true,
  include_all_metadata: true,
  limit: 200,
  ...(cursor && { cursor }),
});

const search = async (
  channel: string,
  isIt: (payload: Payload) => boolean,
  pageAt: (cursor: string | undefined) => Promise<Page>,
  /** The thread's parent message, which Slack includes in every answer. */
  head?: string,
): Promise<Look> => {
  let cursor: string | undefined;
  for (let page = 0; page < HISTORY_PAGES; page += 1) {
    const answer = await pageAt(cursor);
    for (const { metadata, ts } of answer.messages ?? []) {
      const payload: Payload = metadata?.event_payload ?? {};
      if (ts && metadata?.event_type === METADATA_TYPE && isIt(payload) && ts !== head) {
        return { found: 'posted', channel, ts, payload };
      }
    }
    cursor = answer.response_metadata?.next_cursor;
    if (!cursor) return { found: 'nothing' };
  }
  return { found: 'unknown', why: 'too much was posted since' };
};
