import { messageOf } from './slack-api-chat.ts';
import {
  type Answer,
  type Args,
  type Method,
  need,
  page,
  type SlackApiChannel,
  SlackApiError,
  type SlackApiPost,
  type Workspace,
} from './slack-api-workspace.ts';

/* conversations.history, .replies, .list, .info and .join (https://docs.slack.dev/reference/methods#conversations). */

const readable = (args: Args, workspace: Workspace): SlackApiChannel => {
  const channel = workspace.channels.find((each) => each.id === args.channel);
  if (!channel || (channel.private && !channel.member)) throw new SlackApiError('channel_not_found');
  need(workspace, channel.private ? 'groups:history' : 'channels:history');
  if (!channel.member) throw new SlackApiError('not_in_channel');
  return channel;
};

const withinSpan = (args: Args): ((post: SlackApiPost) => boolean) => {
  const oldest = Number(args.oldest ?? 0);
  const latest = Number(args.latest ?? Number.MAX_SAFE_INTEGER);
  return ({ ts }) =>
    args.inclusive === 'true'
      ? Number(ts) >= oldest && Number(ts) <= latest
      : Number(ts) > oldest && Number(ts) < latest;
};

const messagesOf = (posts: readonly SlackApiPost[], args: Args): Answer => {
  const { items, next } = page(posts, args, 999);
  const withMetadata = args.include_all_metadata === 'true';
  return {
    messages: items.map((post) => messageOf(post, withMetadata)),
    has_more: next !== '',
    ...(next && { response_metadata: { next_cursor: next } }),
  };
};

/** Newest first, without what is within threads. */
const history: Method = (args, workspace) => {
  const channel = readable(args, workspace);
  const posts = workspace.posts.filter((post) => post.channel === channel.id && post.thread === undefined);
  return messagesOf(posts.filter(withinSpan(args)).reverse(), args);
};

/** Oldest first; the thread's first message comes whatever the span. */
const replies: Method = (args, workspace) => {
  const channel = readable(args, workspace);
  const root = workspace.posts.find((post) => post.channel === channel.id && post.ts === args.ts);
  if (!root) throw new SlackApiError('thread_not_found');
  const within = workspace.posts.filter((post) => post.channel === channel.id && post.thread === args.ts);
  return messagesOf([root, ...within.filter(withinSpan(args))], args);
};

const list: Method = (args, workspace) => {
  const types = (args.types ?? 'public_channel').split(',');
  if (types.includes('public_channel')) need(workspace, 'channels:read');
  if (types.includes('private_channel')) need(workspace, 'groups:read');
  const visible = workspace.channels.filter((channel) =>
    channel.private ? channel.member && types.includes('private_channel') : types.includes('public_channel'),
  );
  const listed = args.exclude_archived === 'true' ? visible.filter((channel) => !channel.archived) : visible;
  const { items, next } = page(listed, args, 1000);
  return {
    channels: items.map(told),
    response_metadata: { next_cursor: next },
  };
};

const info: Method = (args, workspace) => {
  const channel = workspace.channels.find(({ id }) => id === args.channel);
  if (!channel || (channel.private && !channel.member)) throw new SlackApiError('channel_not_found');
  need(workspace, channel.private ? 'groups:read' : 'channels:read');
  return { channel: told(channel) };
};

const join: Method = (args, workspace) => {
  const index = workspace.channels.findIndex(({ id }) => id === args.channel);
  const channel = workspace.channels[index];
  if (!channel || (channel.private && !channel.member)) throw new SlackApiError('channel_not_found');
  need(workspace, 'channels:join');
  if (channel.private) throw new SlackApiError('method_not_supported_for_channel_type');
  if (channel.archived) throw new SlackApiError('is_archived');
  const member = { ...channel, member: true };
  workspace.channels[index] = member;
  return { channel: told(member), ...(channel.member && { warning: 'already_in_channel' }) };
};

const told = (channel: SlackApiChannel) => ({
  id: channel.id,
  name: channel.name,
  is_channel: !channel.private,
  is_private: channel.private ?? false,
  is_archived: channel.archived ?? false,
  is_member: channel.member ?? false,
});

export const CONVERSATION_METHODS: Readonly<Record<string, Method>> = {
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.list': list,
  'conversations.info': info,
  'conversations.join': join,
};
