import { connect, type Socket } from 'node:net';
import { sign } from '../../src/receive/signature.ts';

export type LoadResult = {
  readonly answered: number;
  readonly failed: number;
  readonly perSecond: number;
  /** Milliseconds from a request's first byte to its answer. */
  readonly p50: number;
  readonly p99: number;
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** A signed webhook as the bytes of a whole request. */
export const signedRequest = (url: string, secret: string, webhook: unknown): Buffer => {
  const { host, pathname } = new URL(url);
  const body = Buffer.from(JSON.stringify(webhook));
  const head =
    `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nX-WebKasa-Signature: ${sign(body, secret)}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
};

/**
 * Posts prepared requests to servers in turn, over so many kept-open connections, each sending its next as soon as it has its answer, until
 * they run out or time is up. Plain sockets, so that the measuring process takes as little of the machine as it can.
 */
export const load = async (
  urls: readonly string[],
  requests: readonly Buffer[],
  options: { connections: number; seconds: number },
): Promise<LoadResult> => {
  const servers = urls.map((url) => new URL(url));
  const left = requests.values();
  const times: number[] = [];
  let failed = 0;
  const begun = performance.now();
  const until = begun + options.seconds * 1000;
  const told = (ok: boolean, time: number): void => {
    times.push(time);
    if (!ok) failed += 1;
  };
  await Promise.all(
    Array.from({ length: options.connections }, (_, index) => {
      const { hostname = '', port = '' } = servers[index % servers.length] ?? {};
      const socket = connect(Number(port), hostname).setNoDelay(true);
      return converse(socket, () => (performance.now() < until ? left.next().value : undefined), told);
    }),
  );
  const elapsed = (performance.now() - begun) / 1000;
  times.sort((a, b) => a - b);
  return {
    answered: times.length,
    failed,
    perSecond: times.length / elapsed,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  };
};

const converse = (
  socket: Socket,
  next: () => Buffer | undefined,
  told: (ok: boolean, time: number) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let sentAt = 0;
    let received = '';
    const send = (): void => {
      const request = next();
      if (!request) {
        socket.end();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const head = received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (received.length < head + 4 + length) return;
      told(received.startsWith('HTTP/1.1 200'), performance.now() - sentAt);
      received = '';
      send();
    });
  });
