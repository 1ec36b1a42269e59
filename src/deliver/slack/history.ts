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
/** 2,000 messages since the attempt, and 20,000 channels. */
const HISTORY_PAGES = 10;
const LIST_PAGES = 20;

/** Finds out whether something was posted all the same, when nobody told us. Rejects with a DeliveryError where Slack fails in passing. */
export type History = {
  /** Looks for a message of ours in a channel since `from`, Unix milliseconds. */
  look(channel: string, from: number, isIt: (payload: Payload) => boolean): Promise<Look>;
  /** The same in the thread below a message. */
  lookInThread(
    root: { readonly channel: string; readonly ts: string; readonly named?: string },
    from: number,
    isIt: (payload: Payload) => boolean,
  ): Promise<Look>;
};

type Page = Awaited<ReturnType<WebClient['conversations']['history' | 'replies']>>;

export const createHistory = (client: WebClient, places: Places): History => {
  const idOf = async (channel: string): Promise<string | undefined> =>
    (await places.idOf(channel)) ?? (await listedId(client, channel, 'public_channel,private_channel'));

  return {
    async look(channel, from, isIt) {
      try {
        const id = await idOf(channel);
        if (id === undefined) return { found: 'unknown', why: `the id of ${channel} is not known` };
        await places.learn(channel, id);
        return await search(id, isIt, (cursor) =>
          client.conversations.history({ channel: id, ...since(from, cursor) }),
        );
      } catch (error) {
        return unreadable(error, channel);
      }
    },
    async lookInThread({ channel, ts, named = channel }, from, isIt) {
      try {
        return await search(channel, isIt, (cursor) =>
          client.conversations.replies({ channel, ts, ...since(from, cursor) }),
        );
      } catch (error) {
        // Where there is no thread, nothing was posted to it.
        if (error instanceof WebAPIPlatformError && error.data.error === 'thread_not_found')
          return { found: 'nothing' };
        return unreadable(error, named);
      }
    },
  };
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
): Promise<Look> => {
  let cursor: string | undefined;
  for (let page = 0; page < HISTORY_PAGES; page += 1) {
    const answer = await pageAt(cursor);
    for (const { metadata, ts } of answer.messages ?? []) {
      const payload: Payload = metadata?.event_payload ?? {};
      if (ts && metadata?.event_type === METADATA_TYPE && isIt(payload)) {
        return { found: 'posted', channel, ts, payload };
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
