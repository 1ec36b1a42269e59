import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { slackFailure } from './errors.ts';
import { METADATA_TYPE } from './message.ts';
import type { Places } from './places.ts';

/** What the metadata of a message of ours says. */
export type Payload = Readonly<Record<string, unknown>>;

/** `unknown`: the messages could not be read, or not far enough back. */
export type Look =
  | { readonly found: 'posted'; readonly channel: string; readonly ts: string; readonly payload: Payload }
  | { readonly found: 'nothing' }
  | { readonly found: 'unknown'; readonly why: string };

/** Clocks differ; a message can't be older than its attempt by more than this. */
const MARGIN_MS = 60_000;
/** 2,000 messages since the attempt. */
const HISTORY_PAGES = 10;

/** Finds out whether something was posted all the same, when nobody told us. Rejects with a DeliveryError where Slack fails in passing. */
export type History = {
  /** Looks for a message of ours in a channel since `from`, Unix milliseconds. */
  look(channel: string, from: number, isIt: (payload: Payload) => boolean): Promise<Look>;
  /** The same in the thread below a message, which is not among them. */
  lookInThread(
    root: { readonly channel: string; readonly ts: string; readonly named?: string },
    from: number,
    isIt: (payload: Payload) => boolean,
  ): Promise<Look>;
};

type Page = Awaited<ReturnType<WebClient['conversations']['history' | 'replies']>>;

export const createHistory = (client: WebClient, places: Places): History => {
  /** Public channels can be posted to from outside and not be read: the bot joins those that it has to look into. */
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
        const id = await places.find(channel);
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
        // Where there is no thread, nothing was posted to it.
        if (isAnswer(error, 'thread_not_found')) return { found: 'nothing' };
        return unreadable(error, named);
      }
    },
  };
};

const isAnswer = (error: unknown, name: string): boolean =>
  error instanceof WebAPIPlatformError && error.data.error === name;

/** Whether the bot is in the channel now: not in one that Slack does not let it into (an older app lacks the scope, say). */
const joined = async (client: WebClient, channel: string): Promise<boolean> => {
  try {
    await client.conversations.join({ channel });
    return true;
  } catch (error) {
    if (error instanceof WebAPIPlatformError && slackFailure(error, channel).verdict !== 'wait') return false;
    throw error;
  }
};

/** Reasons for which a channel stays closed to the bot, however often it asks. */
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
  /** The message that heads them, and comes first whatever was asked for. */
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
