import { SocketModeClient } from '@slack/socket-mode';
import { silentLogger } from './bolt-log.ts';
import { isPayload, type Payload } from './payload.ts';

/** A payload in the wrapping in which it came over a connection; it is answered over the same. */
export type Envelope = {
  readonly id: string;
  readonly payload: Payload;
  /** Rejects where the connection is gone. */
  readonly acknowledge: (body: unknown) => Promise<void>;
};

export type LinkDeps = {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly onEnvelope: (envelope: Envelope) => void;
};

/** One connection of Socket Mode, from its opening to its end; a new one is made for each. */
export type Link = {
  /** Why it is no longer to be used: the reason that Slack gives, or `gone`. Never rejects. */
  readonly over: Promise<string>;
  /** Closes it, by force where Slack does not close its end within half a second. */
  close(): Promise<void>;
};

/** How long calling for an address, the handshake and Slack's hello may take together, in milliseconds. */
const OPEN_WITHIN = 20_000;
/** How long the other side may take to close its end (Slack often does not at all). */
const CLOSE_WITHIN = 500;
/** A connection without a sign of life for so long is given up. Twice the client's own, for machines that stall. */
const SILENCE = 10_000;

/**
 * Slack's own client but for three things: it takes no connection up again by itself, a connection that Slack wants
 * replaced can be used until its successor is there, and a message it can't read is no unhandled rejection.
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
      // What can't be read can't be answered either; Slack sends it again, or gives up on it.
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

/** Slack, or the network, ended a connection before it could be used. */
export class LinkRefusal extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`The connection ended before Slack's hello: ${reason}.`);
    this.name = 'LinkRefusal';
    this.reason = reason;
  }
}

/** Opens a connection and waits for Slack's hello; rejects with a LinkRefusal, or what the call of Slack's API failed with. */
export const openLink = async ({ appToken, apiUrl, onEnvelope }: LinkDeps): Promise<Link> => {
  const client = new LinkClient({
    appToken,
    autoReconnectEnabled: false,
    clientPingTimeout: SILENCE,
    logger: silentLogger(),
    // An object of its own: the client changes it.
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
    // Where the client still waits for an address, it would go on to connect.
    client.on('connecting', () => queueMicrotask(() => client.websocket?.disconnect()));
    const closed = client.disconnect();
    await Promise.race([closed, after(CLOSE_WITHIN)]);
    // A second time is by force.
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
    // The client rejects with nothing where the connection closed.
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
