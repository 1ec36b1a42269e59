import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Answer,
  type Args,
  METHODS,
  type Method,
  type SlackApiChannel,
  SlackApiError,
  type SlackApiPost,
  type Workspace,
} from './slack-api-methods.ts';

export type SlackApiOptions = {
  readonly token?: string;
  readonly channels?: readonly SlackApiChannel[];
  readonly scopes?: readonly string[];
  /** Lifts the limit of about one post a second to a channel. */
  readonly unlimited?: boolean;
  /** How often a minute messages may be updated, with bursts of a fifth of that; as often as one likes where absent. */
  readonly updatesAMinute?: number;
  /** Methods besides those of posting and reading. */
  readonly methods?: Readonly<Record<string, Method>>;
  /** The error with which a token is refused for a method, if it is; unless told, all but `token` are. */
  readonly refusal?: (method: string, given: string) => string | undefined;
};

/** With `accept`, the call has its effect all the same, and only its caller does not hear of it. */
export type Misbehaviour =
  | { readonly as: 'status'; readonly status: number; readonly accept?: boolean }
  | { readonly as: 'ratelimit'; readonly seconds: number }
  | { readonly as: 'reset'; readonly accept?: boolean }
  | { readonly as: 'hang'; readonly accept?: boolean }
  | { readonly as: 'error'; readonly error: string; readonly accept?: boolean }
  /** The page of a proxy in Slack's place. */
  | { readonly as: 'page' };

export type SlackApiCall = { readonly method: string; readonly args: Args; readonly at: number };

/** A stand-in for Slack's Web API over real HTTP, as strict as the methods' documentation. */
export type SlackApi = {
  /** For `slackApiUrl`. */
  readonly url: string;
  readonly token: string;
  /** What was accepted, oldest first. */
  readonly posts: readonly SlackApiPost[];
  /** What was asked, accepted or not. */
  readonly calls: readonly SlackApiCall[];
  /** Makes the next calls of a method (chat.postMessage) go wrong; several in a row are done one after the other. */
  behave(misbehaviour: Misbehaviour, options?: { readonly times?: number; readonly method?: string }): void;
  /** Makes one call go wrong: the one after `calls` more of whatever method. */
  behaveAfter(calls: number, misbehaviour: Misbehaviour): void;
  /** What people do to a channel meanwhile: archive it, rename it, make it private, show the bot out. */
  changeChannel(id: string, change: Partial<Omit<SlackApiChannel, 'id'>>): void;
  /** Somebody deletes a message. */
  deleteMessage(ts: string): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** What the app of the manifest may do. */
export const ALL_SCOPES = [
  'chat:write',
  'chat:write.public',
  'channels:read',
  'groups:read',
  'channels:history',
  'groups:history',
  'channels:join',
  'commands',
  'im:write',
  'usergroups:read',
];

/** One public channel the bot is in, one it is not in, an archived one, a private one with the bot and one without. */
export const SLACK_CHANNELS: readonly SlackApiChannel[] = [
  { id: 'C0BOOKINGS', name: 'bookings', member: true },
  { id: 'C0GENERAL1', name: 'general' },
  { id: 'C0ARCHIVED', name: 'archived', member: true, archived: true },
  { id: 'G0MANAGERS', name: 'managers', member: true, private: true },
  { id: 'G0SECRETS1', name: 'secrets', private: true },
];

export const startSlackApi = async (options: SlackApiOptions = {}): Promise<SlackApi> => {
  const token = options.token ?? 'xoxb-test';
  const methods = { ...METHODS, ...options.methods };
  const refusal = options.refusal ?? ((_, given) => (given === token ? undefined : 'invalid_auth'));
  const posts: SlackApiPost[] = [];
  const calls: SlackApiCall[] = [];
  const planned: { method?: string; call?: number; misbehaviour: Misbehaviour }[] = [];
  const workspace: Workspace = {
    channels: [...(options.channels ?? SLACK_CHANNELS)],
    scopes: new Set(options.scopes ?? ALL_SCOPES),
    posts,
    secondsToWait: options.unlimited ? () => 0 : bucketsOf(1, 8),
    secondsToWaitForUpdate: updateLimit(options.updatesAMinute),
  };

  const perform = ({ method, args, type, given }: Request): Answer => {
    if (!/^application\/(x-www-form-urlencoded|json)\b/.test(type)) throw new SlackApiError('invalid_post_type');
    if (given === undefined) throw new SlackApiError('not_authed');
    const refused = refusal(method, given);
    if (refused) throw new SlackApiError(refused);
    const run = methods[method];
    if (!run) throw new SlackApiError('unknown_method', { req_method: method });
    return run(args, workspace);
  };

  const misbehave = (misbehaviour: Misbehaviour, response: ServerResponse, act: () => Answer): void => {
    if ('accept' in misbehaviour && misbehaviour.accept) act();
    switch (misbehaviour.as) {
      case 'status':
        response.writeHead(misbehaviour.status, { 'content-type': 'text/html' }).end('<h1>Oops</h1>');
        break;
      case 'page':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Please log in, John</h1>');
        break;
      case 'reset':
        response.socket?.resetAndDestroy();
        break;
      case 'hang':
        break;
      case 'error':
        answer(response, { ok: false, error: misbehaviour.error });
        break;
      case 'ratelimit':
        answer(response, { ok: false, error: 'ratelimited' }, misbehaviour.seconds);
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(request);
    const { method, args } = call;
    calls.push({ method, args, at: Date.now() });
    const index = planned.findIndex((each) => each.method === method || each.call === calls.length);
    const [next] = index === -1 ? [] : planned.splice(index, 1);
    try {
      response.setHeader('x-oauth-scopes', [...workspace.scopes].join(','));
      if (next) return misbehave(next.misbehaviour, response, () => perform(call));
      answer(response, { ok: true, ...perform(call) });
    } catch (error) {
      if (!(error instanceof SlackApiError)) throw error;
      answer(response, { ok: false, error: error.message, ...error.extra }, error.retryAfter);
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}/api/`,
    token,
    posts,
    calls,
    behave(misbehaviour, { times = 1, method = 'chat.postMessage' } = {}) {
      for (let count = 0; count < times; count += 1) planned.push({ method, misbehaviour });
    },
    behaveAfter(more, misbehaviour) {
      planned.push({ call: calls.length + more + 1, misbehaviour });
    },
    changeChannel(id, change) {
      const index = workspace.channels.findIndex((channel) => channel.id === id);
      const channel = workspace.channels[index];
      if (!channel) throw new Error(`there is no channel ${id}`);
      workspace.channels[index] = { ...channel, ...change };
    },
    deleteMessage(ts) {
      const index = posts.findIndex((post) => post.ts === ts);
      if (index === -1) throw new Error(`there is no message ${ts}`);
      posts.splice(index, 1);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};

const answer = (response: ServerResponse, body: Answer, retryAfter?: number): void => {
  response.writeHead(retryAfter === undefined ? 200 : 429, {
    'content-type': 'application/json; charset=utf-8',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  });
  response.end(JSON.stringify(body));
};

/** A call as it came: the kind of its body, and the token given in a header or as an argument. */
type Request = {
  readonly method: string;
  readonly args: Args;
  readonly type: string;
  readonly given: string | undefined;
};

/** Reads `POST /api/<method>` with a form, or JSON whose objects are then as they would be in a form. */
const readCall = async (request: IncomingMessage): Promise<Request> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  const type = request.headers['content-type'] ?? '';
  const args = Object.fromEntries(
    type.startsWith('application/json')
      ? Object.entries(JSON.parse(body) as Record<string, unknown>).map(([key, value]) => [
          key,
          typeof value === 'string' ? value : JSON.stringify(value),
        ])
      : new URLSearchParams(body),
  ) as Record<string, string>;
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return { method: request.url?.replace(/^\/api\//, '') ?? '', args, type, given: bearer ?? args.token };
};

/** So many calls a second for each key, with short bursts tolerated (https://docs.slack.dev/apis/web-api/rate-limits). */
const bucketsOf = (perSecond: number, burst: number): Workspace['secondsToWait'] => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (key) => {
    const now = Date.now();
    const before = buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, before.tokens + ((now - before.at) / 1000) * perSecond);
    buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
  };
};

const updateLimit = (aMinute: number | undefined): (() => number) => {
  if (aMinute === undefined) return () => 0;
  const secondsToWait = bucketsOf(aMinute / 60, Math.max(1, aMinute / 5));
  return () => secondsToWait('all');
};
