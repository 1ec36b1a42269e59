import { blockProblems, blocksTooLong } from './slack-api-blocks.ts';

export type SlackApiChannel = {
  readonly id: string;
  /** Without `#`. */
  readonly name: string;
  readonly private?: boolean;
  readonly archived?: boolean;
  /** Whether the bot is in it. */
  readonly member?: boolean;
};

export type SlackApiPost = {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly metadata:
    | { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> }
    | undefined;
};

/** What a workspace knows, for the methods below. */
export type Workspace = {
  readonly channels: readonly SlackApiChannel[];
  readonly scopes: ReadonlySet<string>;
  /** Oldest first. */
  readonly posts: SlackApiPost[];
  /** Whole seconds to wait before posting to a channel; 0 where it may be done now. */
  secondsToWait(channel: string): number;
};

export type Args = Readonly<Record<string, string>>;
export type Answer = Readonly<Record<string, unknown>>;
export type Method = (args: Args, workspace: Workspace) => Answer;

/** An `{ ok: false }` answer; `retryAfter` makes it HTTP 429. */
export class SlackApiError extends Error {
  readonly extra: Answer;
  readonly retryAfter: number | undefined;

  constructor(name: string, extra: Answer = {}, retryAfter?: number) {
    super(name);
    this.extra = extra;
    this.retryAfter = retryAfter;
  }
}

const need = (workspace: Workspace, scope: string): void => {
  if (workspace.scopes.has(scope)) return;
  throw new SlackApiError('missing_scope', { needed: scope, provided: [...workspace.scopes].join(',') });
};

const json = (text: string | undefined, error: string): unknown => {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackApiError(error);
  }
};

/** The page of `items` that `cursor` names, and the cursor of the next. */
const page = <Item>(items: readonly Item[], args: Args, most: number): { items: readonly Item[]; next: string } => {
  const start = args.cursor ? Number(Buffer.from(args.cursor, 'base64url').toString()) : 0;
  if (!Number.isInteger(start)) throw new SlackApiError('invalid_cursor');
  const end = start + Math.min(Number(args.limit ?? 100), most);
  return {
    items: items.slice(start, end),
    next: end < items.length ? Buffer.from(String(end)).toString('base64url') : '',
  };
};

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

const blocksOf = (text: string | undefined): readonly unknown[] => {
  const blocks = json(text, 'invalid_blocks_format') ?? [];
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

let lastTs = 0;
/** Unique and growing, as Slack's are within a channel. */
const nextTs = (): string => {
  lastTs = Math.max(lastTs + 1, Date.now() * 1000);
  return `${Math.floor(lastTs / 1e6)}.${String(lastTs % 1e6).padStart(6, '0')}`;
};

const postMessage: Method = (args, workspace) => {
  need(workspace, 'chat:write');
  const channel = postable(args.channel, workspace);
  const wait = workspace.secondsToWait(channel.id);
  if (wait > 0) throw new SlackApiError('ratelimited', {}, wait);
  const blocks = blocksOf(args.blocks);
  const text = args.text ?? '';
  if (text.trim() === '' && blocks.length === 0) throw new SlackApiError('no_text');
  const metadata = metadataOf(args.metadata);
  // Slack cuts a longer text without complaint.
  const post = {
    channel: channel.id,
    ts: nextTs(),
    text: Array.from(text).slice(0, 40_000).join(''),
    blocks,
    metadata,
  };
  workspace.posts.push(post);
  return { channel: post.channel, ts: post.ts, message: messageOf(post, true) };
};

const messageOf = (post: SlackApiPost, withMetadata: boolean): Answer => ({
  type: 'message',
  subtype: 'bot_message',
  bot_id: 'B0WEBKASA',
  text: post.text,
  ts: post.ts,
  blocks: post.blocks,
  ...(withMetadata && post.metadata && { metadata: post.metadata }),
});

const history: Method = (args, workspace) => {
  const channel = workspace.channels.find((each) => each.id === args.channel);
  if (!channel || (channel.private && !channel.member)) throw new SlackApiError('channel_not_found');
  need(workspace, channel.private ? 'groups:history' : 'channels:history');
  if (!channel.member) throw new SlackApiError('not_in_channel');
  const oldest = Number(args.oldest ?? 0);
  const latest = Number(args.latest ?? Number.MAX_SAFE_INTEGER);
  const within = (ts: number): boolean =>
    args.inclusive === 'true' ? ts >= oldest && ts <= latest : ts > oldest && ts < latest;
  const posts = workspace.posts.filter((post) => post.channel === channel.id && within(Number(post.ts))).reverse();
  const { items, next } = page(posts, args, 999);
  const withMetadata = args.include_all_metadata === 'true';
  return {
    messages: items.map((post) => messageOf(post, withMetadata)),
    has_more: next !== '',
    ...(next && { response_metadata: { next_cursor: next } }),
  };
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
    channels: items.map((channel) => ({
      id: channel.id,
      name: channel.name,
      is_channel: !channel.private,
      is_private: channel.private ?? false,
      is_archived: channel.archived ?? false,
      is_member: channel.member ?? false,
    })),
    response_metadata: { next_cursor: next },
  };
};

const authTest: Method = () => ({
  url: 'https://example.slack.com/',
  team: 'Example',
  team_id: 'T0EXAMPLE',
  user: 'webkasa',
  user_id: 'U0WEBKASA',
  bot_id: 'B0WEBKASA',
});

export const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': authTest,
  'chat.postMessage': postMessage,
  'conversations.history': history,
  'conversations.list': list,
};
