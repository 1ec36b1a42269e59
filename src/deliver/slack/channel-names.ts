import { WebAPIPlatformError, type WebClient } from '@slack/web-api';

/** Of 1,000 channels each. */
const LIST_PAGES = 20;

/** The id of the channel that has a name at present; undefined where the bot can see none. */
export const idByName = (client: WebClient, channel: string): Promise<string | undefined> =>
  listedId(client, bare(channel), 'public_channel,private_channel');

/** Whether a channel still has the name under which it was known. */
export const hasName = async (client: WebClient, id: string, channel: string): Promise<boolean> => {
  try {
    const { channel: found } = await client.conversations.info({ channel: id });
    return found?.name === bare(channel);
  } catch (error) {
    // Deleted, or not visible to the bot: either way another channel may have taken its name.
    if (error instanceof WebAPIPlatformError && error.data.error === 'channel_not_found') return false;
    throw error;
  }
};

const bare = (channel: string): string => channel.replace(/^#/, '');

/** Private channels need the scope groups:read; without it only public ones are searched. */
const listedId = async (client: WebClient, name: string, types: string): Promise<string | undefined> => {
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
    return listedId(client, name, 'public_channel');
  }
  return undefined;
};
