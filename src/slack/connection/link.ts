import { SocketModeClient } from '@slack/socket-mode';
import { silentLogger } from './bolt-log.ts';
import { isPayload, type Payload } from './payload.ts';

/** A payload as it came over a Socket Mode connection, with the means to acknowledge it over the same connection. */
export type Envelope = {
  readonly id: string;
  readonly payload: Payload;
  /** Rejects if the connection is gone. */
  readonly acknowledge: (body: unknown) => Promise<void>;
};

export type LinkDeps = {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly onEnvelope: (envelope: Envelope) => void;
};

/** One Socket Mode connection, from its opening to its end. It never reconnects: a new one is opened instead. */
export type Link = {
  /** Resolves with why it is to be replaced: Slack's reason, or `gone` after a break. Never rejects. */
  readonly over: Promise<string>;
  /** Closes it, by force if Slack does not close its end within half a second. */
  close(): Promise<void>;
};

/** How long apps.connections.open, the handshake and Slack's hello may take together, in milliseconds. */
const OPEN_WITHIN = 20_000;
/** How long Slack may take to close its end, in milliseconds; often it does not close it at all. */
const CLOSE_WITHIN = 500;
/** A connection whose pings stay unanswered for this long is given up. Twice the client's default, for machines that stall. */
const SILENCE = 10_000;

/**
 * Slack's client with two changes: a connection that Slack wants replaced stays usable until its successor is open, instead
 * of being closed at once; and a message that can't be read causes no unhandled rejection.
 */
class LinkClient extends SocketModeClient {
  protected override async onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean): Promise<void> {
    const reason = isBinary || typeof data !== 'string' ? undefined : disconnectReason(data);
    if (reason !== undefined) {
      this.emit('replace', reason);
      return;
    }
    try {
      await super.onWebSocketMessage(data, isBinary);
    } catch {
      // What can't be read can't be acknowledged either; Slack redelivers it, or gives up.
    }
  }
}

const disconnectReason = (text: string): string | undefined => {
  if (!text.includes('"disconnect"')) return undefined;
  try {
    const message: unknown = JSON.parse(text);
    if (!isPayload(message) || message.type !== 'disconnect') return undefined;
    return typeof message.reason === 'string' ? message.reason : 'unknown';
  } catch {
    return undefined;
  }
};

/** Slack or the network ended a connection before it was open. */
export class LinkRefusal extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`The connection ended before Slack's hello: ${reason}.`);
    this.name = 'LinkRefusal';
    this.reason = reason;
  }
}

/** Opens a connection and waits for Slack's hello. Rejects with a LinkRefusal, or with the error of apps.connections.open. */
export const openLink = async ({ appToken, apiUrl, onEnvelope }: LinkDeps): Promise<Link> => {
  const client = new LinkClient({
    appToken,
    autoReconnectEnabled: false,
    clientPingTimeout: SILENCE,
    logger: silentLogger(),
    // A new object, because the client modifies it.
    clientOptions: { slackApiUrl: apiUrl, retryConfig: { retries: 0 }, timeout: 10_000, rejectRateLimitedCalls: true },
  });
  const { promise: over, resolve: end } = Promise.withResolvers<string>();
  client.on('replace', end);
  client.on('disconnected', () => end('gone'));
  client.on('slack_event', ({ ack, envelope_id: id, body }: SlackEvent) => {
    if (typeof id === 'string' && isPayload(body)) onEnvelope({ id, payload: body, acknowledge: ack });
  });

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // A client that still waits for an address would go on to connect.
    client.on('connecting', () => queueMicrotask(() => client.websocket?.disconnect()));
    const closed = client.disconnect();
    await Promise.race([closed, after(CLOSE_WITHIN)]);
    // The second call terminates the connection by force.
    client.websocket?.disconnect();
  };
  const link: Link = {
    over,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
  try {
    const started = client.start();
    await Promise.race([started, over.then(refuse), after(OPEN_WITHIN).then(() => refuse('timeout'))]);
    return link;
  } catch (error) {
    await link.close();
    // The client rejects with undefined if the connection was closed.
    throw error ?? new LinkRefusal('gone');
  }
};

type SlackEvent = {
  readonly ack: (body?: unknown) => Promise<void>;
  readonly envelope_id: unknown;
  readonly body: unknown;
};

const refuse = (reason: string): never => {
  throw new LinkRefusal(reason);
};

const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
