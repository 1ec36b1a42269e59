import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A plain connection to a server, for what no HTTP client would send. */
export type Connection = {
  readonly socket: Socket;
  /** Everything received so far. */
  received(): string;
  /** Resolves with everything received once it matches; rejects where the connection ends before that. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with everything received once the server has closed the connection. */
  closed(): Promise<string>;
};

/** Connects to the server of a URL; cut when the test ends. */
export const openConnection = async (url: string): Promise<Connection> => {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  let text = '';
  let ended = false;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  // A reset ends a connection like any other end: what was received before it is what counts.
  socket.on('error', () => {});
  const onEnd = (): void => {
    ended = true;
    socket.destroy();
  };
  socket.on('end', onEnd).on('close', onEnd);
  await once(socket, 'connect');

  const until = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        socket.off('data', check).off('close', check);
      };
      const check = (): void => {
        if (pattern.test(text)) {
          done();
          resolve(text);
        } else if (ended) {
          done();
          reject(new Error(`The server closed the connection, having sent ${JSON.stringify(text)}`));
        }
      };
      socket.on('data', check).on('close', check);
      check();
    });

  return {
    socket,
    received: () => text,
    until,
    closed: async () => {
      await new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
      return text;
    },
  };
};

/** The text of a request as it goes over the wire; `headers` may name one twice. */
export const requestText = (
  path: string,
  headers: readonly (readonly [name: string, value: string | number])[],
  method = 'POST',
): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ].join('\r\n');

/** The status codes of all answers in what a connection received. */
export const statusesIn = (received: string): number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code)).filter((code) => code >= 200);
