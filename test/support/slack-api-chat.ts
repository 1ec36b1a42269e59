import { blockProblems, blocksTooLong } from './slack-api-blocks.ts';
import {
  type Answer,
  json,
  type Method,
  need,
  type SlackApiChannel,
  SlackApiError,
  type SlackApiPost,
  type Workspace,
} from './slack-api-workspace.ts';

/* chat.postMessage, chat.update and chat.delete (https://docs.slack.dev/reference/methods#chat). */

const metadataOf = (text: string | undefined): SlackApiPost['metadata'] => {
  const metadata = json(text, 'invalid_metadata_format');
  if (metadata === undefined) return undefined;
  if (typeof metadata !== 'object' || metadata === null) throw new SlackApiError('invalid_metadata_format');
  const { event_type, event_payload } = metadata as Record<string, unknown>;
  if (typeof event_type !== 'string' || typeof event_payload !== 'object' || event_payload === null) {
    throw new SlackApiError('invalid_metadata_format');
  }
  if (JSON.stringify(metadata).length > 8000) throw new SlackApiError('metadata_too_large');
  return { event_type, event_payload: event_payload as Record<string, unknown> };
};

export const blocksOf = (text: string | undefined): readonly unknown[] | undefined => {
  const blocks = json(text, 'invalid_blocks_format');
  if (blocks === undefined) return undefined;
  if (!Array.isArray(blocks)) throw new SlackApiError('invalid_blocks_format');
  const messages = blockProblems(blocks);
  if (messages.length > 0) throw new SlackApiError('invalid_blocks', { response_metadata: { messages } });
  if (blocksTooLong(blocks)) throw new SlackApiError('msg_blocks_too_long');
  return blocks;
};

/** The channel a post may go to. Names work here, as they do with Slack; elsewhere only ids do. */
const postable = (name: string | undefined, workspace: Workspace): SlackApiChannel => {
  const channel = workspace.channels.find((each) => each.id === name || each.name === name?.replace(/^#/, ''));
  if (!channel || (channel.private && !channel.member)) throw new SlackApiError('channel_not_found');
  if (channel.archived) throw new SlackApiError('is_archived');
  if (!channel.member && !workspace.scopes.has('chat:write.public')) throw new SlackApiError('not_in_channel');
  return channel;
};

/** The message that is replied to: the first of a thread, not one within it. */
const threadOf = (ts: string | undefined, channel: string, workspace: Workspace): string | undefined => {
  if (ts === undefined) return undefined;
  const root = workspace.posts.find((post) => post.channel === channel && post.ts === ts);
  if (!root) throw new SlackApiError('thread_not_found');
  if (root.thread !== undefined) throw new SlackApiError('cannot_reply_to_message');
  return ts;
};

let lastTs = 0;
/** Unique and growing, as Slack's are within a channel. */
export const nextTs = (): string => {
  lastTs = Math.max(lastTs + 1, Date.now() * 1000);
  return `${Math.floor(lastTs / 1e6)}.${String(lastTs % 1e6).padStart(6, '0')}`;
};

const postMessage: Method = (args, workspace) => {
  need(workspace, 'chat:write');
  const channel = postable(args.channel, workspace);
  const wait = workspace.secondsToWait(channel.id);
  if (wait > 0) throw new SlackApiError('ratelimited', {}, wait);
  const blocks = blocksOf(args.blocks) ?? [];
  const text = args.text ?? '';
  if (text.trim() === '' && blocks.length === 0) throw new SlackApiError('no_text');
  const post: SlackApiPost = {
    channel: channel.id,
    ts: nextTs(),
    // Slack cuts a longer text without complaint.
    text: Array.from(text).slice(0, 40_000).join(''),
    blocks,
    thread: threadOf(args.thread_ts, channel.id, workspace),
    updates: 0,
    metadata: metadataOf(args.metadata),
  };
  workspace.posts.push(post);
  return { channel: post.channel, ts: post.ts, message: messageOf(post, true) };
};

/** A message as conversations.history and the like answer it. */
export const messageOf = (post: SlackApiPost, withMetadata: boolean): Answer => ({
  type: 'message',
  subtype: 'bot_message',
  bot_id: 'B0WEBKASA',
  text: post.text,
  ts: post.ts,
  ...(post.thread && { thread_ts: post.thread }),
  ...(post.updates > 0 && { edited: { user: 'B0WEBKASA', ts: post.ts } }),
  blocks: post.blocks,
  ...(withMetadata && post.metadata && { metadata: post.metadata }),
});

/** A message that may be changed; only the channel's id will do. */
const changeable = (args: { channel?: string; ts?: string }, workspace: Workspace): SlackApiPost => {
  const channel = workspace.channels.find((each) => each.id === args.channel);
  if (!channel || (channel.private && !channel.member)) throw new SlackApiError('channel_not_found');
  if (channel.archived) throw new SlackApiError('is_inactive');
  const post = workspace.posts.find((each) => each.channel === channel.id && each.ts === args.ts);
  if (!post) throw new SlackApiError('message_not_found');
  return post;
};

/** What is not given stays as it was, metadata too. */
const update: Method = (args, workspace) => {
  need(workspace, 'chat:write');
  const wait = workspace.secondsToWaitForUpdate();
  if (wait > 0) throw new SlackApiError('ratelimited', {}, wait);
  const post = changeable(args, workspace);
  const blocks = blocksOf(args.blocks) ?? post.blocks;
  const text = args.text ?? '';
  if (Array.from(text).length > 4000) throw new SlackApiError('msg_too_long');
  if (text.trim() === '' && blocks.length === 0) throw new SlackApiError('no_text');
  post.text = text;
  post.blocks = blocks;
  post.updates += 1;
  return { channel: post.channel, ts: post.ts, text: post.text, message: messageOf(post, true) };
};

const remove: Method = (args, workspace) => {
  need(workspace, 'chat:write');
  const post = changeable(args, workspace);
  workspace.posts.splice(workspace.posts.indexOf(post), 1);
  return { channel: post.channel, ts: post.ts };
};

export const CHAT_METHODS: Readonly<Record<string, Method>> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
};
