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
  /** Adds what the bot listens to. Nothing comes in before it returned. */
  readonly register: (app: App, client: WebClient, identity: TokenWatch['identity']) => void;
  /** A request at Slack's address that was refused; counted like those that WebKasa's is refused. */
  readonly onRejected: (rejection: Rejection) => void;
  /** The bot's token works again after it did not. */
  readonly onRecovered: () => void;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Log;
};

export type ConnectionState = {
  /** Whether Slack can reach the bot, as far as the bot can tell: over HTTP it can't, and says so. */
  readonly connected: boolean | 'unknown';
  readonly identity: Identity | undefined;
  /** What is wrong, and what to do; undefined where nothing is known to be. */
  readonly problem: string | undefined;
  /** Why nobody can ask the bot by Socket Mode; undefined where they can, or come over HTTP. */
  readonly cut: Trouble | undefined;
};

export type Connection = {
  /** For the HTTP server; undefined in Socket Mode. */
  readonly router: Router | undefined;
  /** Calls Slack with the bot's token: once, without waiting where Slack asks to; the caller decides what comes next. */
  readonly client: WebClient;
  state(): ConnectionState;
  /** Who the bot is; undefined until Slack told. */
  identity(): Identity | undefined;
  /** Takes nothing more, gives what is under way two seconds, and closes. */
  [Symbol.asyncDispose](): Promise<void>;
};

const STOP_WITHIN = 2_000;

/**
 * Connects the bot with Slack. Returns at once and never throws for anything that Slack says: a token that does not work is
 * told in the log, and tried again.
 */
export const startConnection = (deps: ConnectionDeps): Connection => {
  const { token, apiUrl, by, register, onRejected, onRecovered, now, random, log } = deps;
  const client = createSlackClient({ token, apiUrl });
  const app = new App({
    // Payloads are handed over by `incoming`, whichever way they came.
    receiver: { init: () => undefined, start: async () => undefined, stop: async () => undefined },
    // Else Bolt asks Slack for it at once, and its failure would be nobody's to handle.
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
