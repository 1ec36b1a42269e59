import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blockProblems, blocksTooLong } from './slack-api-blocks.ts';
import { nextTs } from './slack-api-chat.ts';
import type { Screen } from './slack-app-screen.ts';
import type { SeenMessage, SlackApp } from './slack-app-types.ts';

/** What a response_url is for: the person, the channel, and the message whose button was pressed, if one was. */
export type UrlOrigin = {
  readonly cause: string;
  readonly user: string;
  readonly channel: string;
  readonly message: Pick<SeenMessage, 'ts' | 'thread'> | undefined;
};

/** A public message that lives in the Web API's part of the stand-in. */
export type PublicMessages = {
  change(ts: string, change: Pick<SeenMessage, 'text' | 'blocks'>): boolean;
  take(ts: string): boolean;
};

export type ResponseUrls = {
  make(origin: UrlOrigin): string;
  readonly breakNext: SlackApp['breakResponseUrls'];
  close(): Promise<void>;
};

type Breakage = Parameters<SlackApp['breakResponseUrls']>[0];

const USES = 5;
const LIFETIME = 30 * 60_000;

/** Takes what is posted to a response_url: five times, within thirty minutes, as JSON that makes a message. */
export const startResponseUrls = async (
  screen: Screen,
  posts: PublicMessages,
  now: () => number,
): Promise<ResponseUrls> => {
  const urls = new Map<string, UrlOrigin & { uses: number; readonly madeAt: number }>();
  const broken: Breakage[] = [];

  /** The error with which the use is refused, if it is; else it is done. */
  const use = (path: string, contentType: string, body: string): string | undefined => {
    const url = urls.get(path);
    if (!url) return 'no_such_url';
    if (url.uses >= USES) return 'used_url';
    if (now() - url.madeAt >= LIFETIME) return 'expired_url';
    if (!contentType.startsWith('application/json')) return 'invalid_payload';
    const message = parse(body);
    if (!message) return 'invalid_payload';
    const { text = '', blocks = [], response_type: type = 'ephemeral', thread_ts: thread } = message;
    if (typeof text !== 'string' || !['ephemeral', 'in_channel'].includes(String(type))) return 'invalid_payload';
    if (message.delete_original === true) {
      url.uses += 1;
      if (url.message) screen.take(url.message.ts) || posts.take(url.message.ts);
      return undefined;
    }
    if (!Array.isArray(blocks) || (blocks.length > 0 && blockProblems(blocks).length > 0)) return 'invalid_blocks';
    if (blocksTooLong(blocks)) return 'msg_blocks_too_long';
    if (text.trim() === '' && blocks.length === 0) return 'no_text';
    url.uses += 1;
    const content = { text, blocks };
    const original = message.replace_original === true ? url.message?.ts : undefined;
    if (original && (screen.change(original, content, url.cause) || posts.change(original, content))) return undefined;
    screen.show(
      {
        ...content,
        ts: nextTs(),
        channel: url.channel,
        onlyFor: type === 'ephemeral' ? url.user : undefined,
        thread: typeof thread === 'string' ? thread : undefined,
        by: 'response_url',
      },
      url.cause,
    );
    return undefined;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const act = (): string | undefined => use(request.url ?? '', request.headers['content-type'] ?? '', body);
    const how = broken.shift();
    switch (how) {
      case 'reset':
        response.socket?.resetAndDestroy();
        return;
      case 'reset_after':
        act();
        response.socket?.resetAndDestroy();
        return;
      case 'http_500':
        response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Oops</h1>');
        return;
      case 'used_url':
      case 'expired_url':
        response.writeHead(404).end(how);
        return;
    }
    const error = act();
    if (error) response.writeHead(/_url$/.test(error) ? 404 : 400).end(error);
    else response.writeHead(200).end('ok');
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    make(origin) {
      const path = `/actions/T0EXAMPLE/${urls.size + 1}/secret`;
      urls.set(path, { ...origin, uses: 0, madeAt: now() });
      return `http://127.0.0.1:${port}${path}`;
    },
    breakNext(how, times = 1) {
      for (let count = 0; count < times; count += 1) broken.push(how);
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

const parse = (body: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
};
