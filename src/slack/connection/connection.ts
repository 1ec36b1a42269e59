import type Router from '@koa/router';
import { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../runtime/log.ts';
import type { Rejection } from '../../store/ports.ts';
import { clientOptions, createSlackClient } from '../client.ts';
import { BOT_SCOPES } from '../manifest.ts';
import { createApology } from './apology.ts';
import { boltLog } from './bolt-log.ts';
import { slackRouter } from './http.ts';
import { createIncoming } from './incoming.ts';
import { startSocket } from './socket.ts';
import { type Identity, type TokenWatch, watchToken } from './token-watch.ts';
import type { Trouble } from './trouble.ts';

export type ConnectionDeps = {
  readonly token: string;
  readonly apiUrl: string;
  /** How Slack reaches the bot. */
  readonly by:
    | { readonly by: 'http'; readonly signingSecret: string }
    | { readonly by: 'socket'; readonly appToken: string };
  /** Registers the bot's listeners. No payload arrives before it returns. */
  readonly register: (app: App, client: WebClient, identity: TokenWatch['identity']) => void;
  /** Called for each refused request at Slack's address, so that it is recorded like a refused webhook. */
  readonly onRejected: (rejection: Rejection) => void;
  /** See TokenWatchDeps. */
  readonly onRecovered: () => void;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
};

export type ConnectionState = {
  /** Whether Slack can reach the bot; `unknown` over HTTP, where the bot can't tell. */
  readonly connected: boolean | 'unknown';
  readonly identity: Identity | undefined;
  /** What is wrong and what to do; undefined while nothing is known to be wrong. */
  readonly problem: string | undefined;
  /** Why Socket Mode has no connection; undefined while it has one, and over HTTP. */
  readonly cut: Trouble | undefined;
};

export type Connection = {
  /** The routes for the HTTP server; undefined in Socket Mode. */
  readonly router: Router | undefined;
  /** Calls Slack with the bot's token; see createSlackClient. */
  readonly client: WebClient;
  state(): ConnectionState;
  /** Who the bot is; undefined until Slack has said. */
  identity(): Identity | undefined;
  /** Stops taking payloads, gives those being handled two seconds, and closes. */
  [Symbol.asyncDispose](): Promise<void>;
};

const STOP_WITHIN = 2_000;

/**
 * Connects the bot to Slack. Returns at once, and never throws for anything Slack answers: a token that does not work is
 * reported in the log and tried again.
 */
export const startConnection = (deps: ConnectionDeps): Connection => {
  const { token, apiUrl, by, register, onRejected, onRecovered, now, random, log } = deps;
  const client = createSlackClient({ token, apiUrl });
  const app = new App({
    // Payloads are passed in by `incoming`, whichever way they came.
    receiver: { init: () => undefined, start: async () => undefined, stop: async () => undefined },
    // Without it, Bolt would call auth.test at once, and nothing could catch its failure.
    authorize: async () => ({ botToken: token }),
    clientOptions: clientOptions(apiUrl),
    logger: boltLog(log),
    ignoreSelf: false,
    convoStore: false,
  });
  app.error(async (error) => {
    throw error;
  });
  const watch = watchToken({ client, scopes: BOT_SCOPES, onRecovered, random, log });
  register(app, client, watch.identity);

  const incoming = createIncoming({
    process: (payload, ack) => app.processEvent({ body: { ...payload }, ack }),
    apologise: createApology({ apiUrl, log }),
    log,
  });
  const socket =
    by.by === 'socket' ? startSocket({ appToken: by.appToken, apiUrl, incoming, now, random, log }) : undefined;
  const router =
    by.by === 'http' ? slackRouter({ signingSecret: by.signingSecret, incoming, onRejected, now, log }) : undefined;

  return {
    router,
    client,
    identity: watch.identity,
    state: () => ({
      connected: socket ? socket.connected() : 'unknown',
      identity: watch.identity(),
      problem: watch.trouble()?.text ?? socket?.trouble()?.text,
      cut: socket?.trouble(),
    }),
    [Symbol.asyncDispose]: async () => {
      await watch[Symbol.asyncDispose]();
      await socket?.[Symbol.asyncDispose]();
      await incoming.idle(STOP_WITHIN);
    },
  };
};
