import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import { messageOf, OperatorError } from '../core/errors.ts';
import { sign } from '../receive/signature.ts';

/** The endpoint's answer to a webhook. */
export type Answer = {
  readonly status: number;
  readonly duplicate: boolean;
  /** The error in the body, if it has the bot's format. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
};

export type Poster = {
  /** Signs and posts a body. Rejects with an OperatorError if there is no answer. */
  post(body: Uint8Array): Promise<Answer>;
  close(): void;
};

export type PosterOptions = {
  readonly url: URL;
  readonly secret: string;
  /** The certificate to trust instead of the usual authorities, for the bot's own address. */
  readonly certificate?: Uint8Array | undefined;
  /** The most connections to open. */
  readonly connections: number;
};

/** Milliseconds without any activity on the connection. */
const TIMEOUT = 15_000;
/** Bytes kept of an answer; the rest is discarded. */
const MOST_READ = 100_000;

export const createPoster = ({ url, secret, certificate, connections }: PosterOptions): Poster => {
  const pool = { keepAlive: true, maxSockets: connections };
  // Pinned: this very certificate identifies our bot, whatever name it is addressed by.
  const pinned = certificate && {
    ca: Buffer.from(certificate),
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
  };
  const secure = url.protocol === 'https:';
  const agent = secure ? new TlsAgent({ ...pool, ...pinned }) : new Agent(pool);

  const post = (body: Uint8Array): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = {
        'Content-Type': 'application/json',
        'Content-Length': body.byteLength,
        'X-WebKasa-Signature': sign(body, secret),
        'User-Agent': 'webkasa-bot send',
      };
      const started = (secure ? httpsRequest : httpRequest)(url, { method: 'POST', headers, agent, timeout: TIMEOUT });
      started.on('timeout', () => started.destroy(new Error(`no answer within ${TIMEOUT / 1000} seconds`)));
      started.on('error', (error) => reject(unreachable(url, error)));
      started.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size <= MOST_READ) chunks.push(chunk);
        });
        response.on('error', (error) => reject(unreachable(url, error)));
        response.on('end', () => resolve(toAnswer(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
      });
      started.end(body);
    });

  return { post, close: () => agent.destroy() };
};

const unreachable = (url: URL, error: NodeJS.ErrnoException): OperatorError => {
  const refused = error.code === 'ECONNREFUSED';
  return new OperatorError(
    refused
      ? `Nothing listens at ${url.origin}.`
      : `${url.origin} can't be reached: ${error.code ?? messageOf(error)}.`,
    {
      remedy: refused
        ? 'Start the bot (npm start) in another terminal, or name another address with --url.'
        : 'Look at the address, or name another with --url.',
      cause: error,
    },
  );
};

const toAnswer = (status: number, text: string): Answer => {
  const body = readJson(text);
  const error = field(body, 'error');
  const code = field(error, 'code');
  const message = field(error, 'message');
  return {
    status,
    duplicate: field(body, 'duplicate') === true,
    error: typeof code === 'string' ? { code, message: typeof message === 'string' ? message : '' } : undefined,
  };
};

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

export const isAccepted = ({ status }: Answer): boolean => status >= 200 && status < 300;
