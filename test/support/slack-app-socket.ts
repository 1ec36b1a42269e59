import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SocketControl } from './slack-app-types.ts';

export type SocketServer = {
  /** An address that takes one connection, as apps.connections.open gives it. */
  makeUrl(): string;
  /** Sends a payload in an envelope until it is acknowledged, over another connection where one broke; resolves with the acknowledgement's payload. */
  deliver(type: 'slash_commands' | 'interactive', payload: unknown): Promise<unknown>;
  readonly control: SocketControl;
  close(): Promise<void>;
};

type Envelope = {
  readonly id: string;
  readonly text: string;
  readonly resolve: (payload: unknown) => void;
  on: WebSocket | undefined;
};

const MOST_CONNECTIONS = 10;

/** Slack's end of Socket Mode (https://docs.slack.dev/apis/events-api/using-socket-mode). */
export const startSocketServer = async (): Promise<SocketServer> => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const tickets = new Set<string>();
  const waiting = new Map<string, Envelope>();
  const acks = new Map<string, number>();
  const links: WebSocket[] = [];
  const sockets = new Map<WebSocket, Duplex>();
  let opened = 0;
  let drops = 0;

  const send = (envelope: Envelope): void => {
    const link = links.at(-1);
    envelope.on = link;
    if (!link) return;
    if (drops === 0) {
      link.send(envelope.text);
      return;
    }
    // What is cut off is the acknowledgement: the envelope itself is out before that.
    drops -= 1;
    forget(link);
    link.send(envelope.text, () => link.terminate());
  };

  const forget = (link: WebSocket): void => {
    const index = links.indexOf(link);
    if (index !== -1) links.splice(index, 1);
    link.removeAllListeners('message');
  };

  const onAck = (text: string): void => {
    const { envelope_id: id, payload } = JSON.parse(text) as { envelope_id: string; payload?: unknown };
    acks.set(id, (acks.get(id) ?? 0) + 1);
    waiting.get(id)?.resolve(payload);
    waiting.delete(id);
  };

  server.on('connection', (link, request) => {
    const ticket = new URL(request.url ?? '', 'ws://localhost').searchParams.get('ticket') ?? '';
    if (!tickets.delete(ticket)) {
      link.close(4001, 'invalid ticket');
      return;
    }
    opened += 1;
    link.on('error', () => {});
    if (links.length >= MOST_CONNECTIONS) {
      link.send(
        JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: { host: 'stand-in' } }),
      );
      link.close();
      return;
    }
    links.push(link);
    sockets.set(link, request.socket);
    // The other side may be gone although this one never closed its own.
    request.socket.on('end', () => forget(link));
    const pings = setInterval(() => link.ping(), 5_000);
    link.on('message', (data) => onAck(String(data)));
    link.on('close', () => {
      clearInterval(pings);
      forget(link);
      for (const envelope of waiting.values()) if (envelope.on === link) send(envelope);
    });
    const info = { num_connections: links.length, connection_info: { app_id: 'A0WEBKASA' } };
    link.send(JSON.stringify({ type: 'hello', ...info, debug_info: { approximate_connection_time: 18_060 } }));
    for (const envelope of waiting.values()) if (!envelope.on) send(envelope);
  });

  const tell = (message: unknown): void => {
    for (const link of links) link.send(typeof message === 'string' ? message : JSON.stringify(message));
  };

  return {
    makeUrl() {
      const ticket = randomUUID();
      tickets.add(ticket);
      return `ws://127.0.0.1:${port}/link/?ticket=${ticket}&app_id=A0WEBKASA`;
    },
    deliver: (type, payload) =>
      new Promise((resolve) => {
        const id = randomUUID();
        const text = JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: true });
        const envelope: Envelope = { id, text, resolve, on: undefined };
        waiting.set(id, envelope);
        send(envelope);
      }),
    control: {
      open: () => links.length,
      opened: () => opened,
      drop() {
        for (const link of [...links]) link.terminate();
      },
      refresh(reason = 'refresh_requested') {
        tell({ type: 'disconnect', reason, debug_info: { host: 'stand-in' } });
      },
      dropOnEnvelope(times) {
        drops = times;
      },
      stall() {
        for (const link of links) link.pause();
      },
      neverClose() {
        for (const link of links) Object.assign(sockets.get(link) ?? {}, { end: () => undefined });
      },
      send: tell,
      acks,
    },
    async close() {
      for (const link of server.clients) link.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
