import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { type HttpServerDeps, type ServerLimits, startHttpServer } from '../../src/http/server.ts';
import { type ReceiverDeps, WEBHOOK_PATH, webhookRouter } from '../../src/receive/endpoint.ts';
import { createRejectionLog } from '../../src/receive/rejections.ts';
import { sign } from '../../src/receive/signature.ts';
import type { Store, StoreStatus } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { T0 } from './builders.ts';

export const SECRET = 'whsec_of_the_tests';

/** A text in the bodies of attacks, to find them by wherever they should not be. */
export const MARK = 'jane.roe@guest.example';

/** A log that is kept, a line each. */
export const keptLog = (): { readonly log: Logger; readonly lines: readonly string[] } => {
  const lines: string[] = [];
  return { log: pino({ level: 'trace' }, { write: (line) => lines.push(line) }), lines };
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
};

export type TestReceiver = {
  /** Where webhooks are posted to. */
  readonly url: string;
  readonly store: Store;
  /** The store's file. */
  readonly file: string;
  readonly logged: readonly string[];
  /** How many new webhooks were announced. */
  announced(): number;
  /** Posts a body, signed unless headers are given. */
  post(body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** The ids of what is stored, in order of arrival. */
  storedIds(): Promise<readonly string[]>;
  /** The store's status, with every rejection so far in it. */
  status(): Promise<StoreStatus>;
};

type Options = Partial<Pick<ReceiverDeps, 'secrets' | 'limits'>> & {
  readonly serverLimits?: ServerLimits;
  readonly tls?: HttpServerDeps['tls'];
};

/** The receiver as the bot runs it, a real server, store and rejection log; closed when the test ends. */
export const startReceiver = async (options: Options = {}): Promise<TestReceiver> => {
  const receiver = await openReceiver(options);
  onTestFinished(() => receiver.close());
  return receiver;
};

/** The same for all tests of a `describe`, where none of them needs one of its own. */
export const sharedReceiver = (options: Options = {}): (() => TestReceiver) => {
  let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
  beforeAll(async () => {
    receiver = await openReceiver(options);
  });
  afterAll(() => receiver?.close());
  return () => {
    if (!receiver) throw new Error('The shared receiver is there in tests only.');
    return receiver;
  };
};

const openReceiver = async (options: Options): Promise<TestReceiver & { close(): Promise<void> }> => {
  const { serverLimits, tls, ...receiverOptions } = options;
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-test-'));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'test.db');
  const store = opening.use(await openSqliteStore(file));
  const { log, lines } = keptLog();
  const rejections = opening.use(createRejectionLog(store, log));
  let announced = 0;
  const onAccepted = (): void => {
    announced += 1;
  };
  const deps = { inbox: store, rejections, secrets: [SECRET], now: () => T0, onAccepted, log };
  const server = opening.use(
    await startHttpServer({
      host: '127.0.0.1',
      port: 0,
      tls,
      routers: [webhookRouter({ ...deps, ...receiverOptions })],
      log,
      ...(serverLimits && { limits: serverLimits }),
    }),
  );
  const open = opening.move();
  const url = `${server.url}${WEBHOOK_PATH}`;

  return {
    url,
    store,
    file,
    logged: lines,
    announced: () => announced,
    post: (body, headers) => post(url, body, headers ?? signed(body)),
    storedIds: async () => (await store.unrouted(1000)).map(({ id }) => id),
    status: async () => {
      await rejections[Symbol.asyncDispose]();
      return store.status();
    },
    close: () => open.disposeAsync(),
  };
};

/** The headers of a body signed with a secret. */
export const signed = (body: string | Uint8Array, secret = SECRET): Record<string, string> => ({
  'X-WebKasa-Signature': sign(Buffer.from(body), secret),
});

export const post = async (
  url: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> => {
  const response = await fetch(url, { method: 'POST', body: Buffer.from(body), headers });
  return { status: response.status, headers: response.headers, json: await response.json() };
};

/** A webhook with the mark in its data. */
export const bodyOf = (id: string, type = 'booking.created'): string =>
  JSON.stringify({ id, type, created_at: new Date(T0).toISOString(), data: { id: 'bk_1', attendee_email: MARK } });

/**
 * Expects that what `act` does is refused: nothing stored, nothing announced, one more rejection of that reason, listed
 * without a body, and no data or secret in the log. Only for receivers that accepted nothing.
 */
export const expectRefusal = async (
  receiver: TestReceiver,
  reason: string,
  act: () => Promise<unknown>,
): Promise<void> => {
  const before = countsOf(await receiver.status());
  await act();
  const status = await receiver.status();
  expect(countsOf(status)).toEqual({ ...before, [reason]: (before[reason] ?? 0) + 1 });
  expect(status.lastRejections[0]).toEqual({
    at: T0,
    reason,
    remote: '127.0.0.1',
    bytes: expect.any(Number),
    userAgent: expect.any(String),
  });
  expect([status.webhooks, status.unrouted, receiver.announced()]).toEqual([0, 0, 0]);
  const told = receiver.logged.join('');
  expect(told).toContain(`"reason":"${reason}"`);
  expect(told).not.toContain(MARK);
  expect(told).not.toContain(SECRET);
};

const countsOf = ({ rejections }: StoreStatus): Record<string, number> =>
  Object.fromEntries(rejections.map(({ reason, count }) => [reason, count]));
