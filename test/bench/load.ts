import { randomBytes } from 'node:crypto';
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

/** A signed webhook as the bytes of a whole request, with ids of its own. */
export const signedRequest = (host: string, path: string, secret: string): Buffer => {
  const unique = randomBytes(9).toString('hex');
  const body = Buffer.from(
    JSON.stringify({
      id: `wh_evt_${unique}`,
      type: 'booking.created',
      created_at: '2027-01-15T10:30:00Z',
      data: {
        id: `bk_${unique}`,
        schedule_id: 'sch_abc123',
        start_time: '2027-02-15T10:00:00Z',
        end_time: '2027-02-15T11:00:00Z',
        status: 'PENDING',
        attendee_name: 'John Doe',
        attendee_email: `john.${unique}@example.com`,
      },
    }),
  );
  const head =
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nX-WebKasa-Signature: ${sign(body, secret)}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
};

/**
 * Posts signed webhooks over so many kept-open connections, each sending its next as soon as it has its answer. Plain
 * sockets and prepared bytes, so that the measuring process takes as little of the machine as it can.
 */
export const load = async (
  url: string,
  secret: string,
  options: { connections: number; seconds: number },
): Promise<LoadResult> => {
  const { hostname, port, host, pathname } = new URL(url);
  // Signing is the sender's work, not the server's: prepare a stock, and top it up only when it runs out.
  const stock = Array.from({ length: 2_000 * options.seconds }, () => signedRequest(host, pathname, secret));
  const times: number[] = [];
  let failed = 0;
  const begun = performance.now();
  const until = begun + options.seconds * 1000;
  await Promise.all(
    Array.from({ length: options.connections }, () => {
      const socket = connect(Number(port), hostname).setNoDelay(true);
      return converse(
        socket,
        () => (performance.now() < until ? (stock.pop() ?? signedRequest(host, pathname, secret)) : undefined),
        (ok, time) => {
          times.push(time);
          if (!ok) failed += 1;
        },
      );
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
        return resolve();
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
