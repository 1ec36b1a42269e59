export type SlackApiChannel = {
  readonly id: string;
  /** Without `#`. */
  readonly name: string;
  readonly private?: boolean;
  readonly archived?: boolean;
  /** Whether the bot is in it. */
  readonly member?: boolean;
};

/** A message, as it reads now. */
export type SlackApiPost = {
  readonly channel: string;
  readonly ts: string;
  text: string;
  blocks: readonly unknown[];
  /** The `ts` of the message whose thread it is in. */
  readonly thread: string | undefined;
  /** How often it was updated. */
  updates: number;
  readonly metadata:
    | { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> }
    | undefined;
};

/** What a workspace knows, for its methods. */
export type Workspace = {
  /** As they are now. */
  readonly channels: SlackApiChannel[];
  readonly scopes: ReadonlySet<string>;
  /** Oldest first. */
  readonly posts: SlackApiPost[];
  /** Whole seconds to wait before posting to a channel; 0 where it may be done now. */
  secondsToWait(channel: string): number;
  /** The same before a message is updated, over all channels. */
  secondsToWaitForUpdate(): number;
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

/** Fails as Slack does where the app lacks a scope. */
export const need = (workspace: Workspace, scope: string): void => {
  if (workspace.scopes.has(scope)) return;
  throw new SlackApiError('missing_scope', { needed: scope, provided: [...workspace.scopes].join(',') });
};

export const json = (text: string | undefined, error: string): unknown => {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackApiError(error);
  }
};

/** The page of `items` that `cursor` names, and the cursor of the next. */
export const page = <Item>(
  items: readonly Item[],
  args: Args,
  most: number,
): { items: readonly Item[]; next: string } => {
  const start = args.cursor ? Number(Buffer.from(args.cursor, 'base64url').toString()) : 0;
  if (!Number.isInteger(start)) throw new SlackApiError('invalid_cursor');
  const end = start + Math.min(Number(args.limit ?? 100), most);
  return {
    items: items.slice(start, end),
    next: end < items.length ? Buffer.from(String(end)).toString('base64url') : '',
  };
};
