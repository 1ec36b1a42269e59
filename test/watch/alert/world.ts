import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Trouble } from '../../../src/core/alert.ts';
import { createSmtpTransport } from '../../../src/deliver/email/smtp.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { slackMedium } from '../../../src/slack/alert/medium.ts';
import { createSlackClient } from '../../../src/slack/client.ts';
import type { Store } from '../../../src/store/ports.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { type AlertsDeps, startAlerts } from '../../../src/watch/alert/alerts.ts';
import { mailMedium } from '../../../src/watch/alert/mail-medium.ts';
import { aReceived, aRouting, T0 } from '../../support/builders.ts';
import { openTestStore } from '../../support/postgres.ts';
import { keptLog } from '../../support/receiver.ts';
import { startSlackApi } from '../../support/slack-api.ts';
import { startSmtpServer } from '../../support/smtp.ts';
import { tempFolder } from '../../support/temp.ts';

/** Opens an empty store of one kind, which is closed and gone when the test is. */
type OpenStore = () => Promise<Store>;

const openSqlite: OpenStore = async () => {
  const store = await openSqliteStore(join(await tempFolder(), 'test.db'));
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
};

const openPostgres: OpenStore = async () => {
  const database = await openTestStore();
  // Nobody delivers here, so nobody listens for news of work.
  const announce = { within: async () => {}, soon: () => {} };
  const store = await openPostgresStore(database.url, { announce, log: silentLog(), connections: 3 });
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]();
    await database.close();
  });
  return store;
};

/** Alerts are the same on every store. */
export const STORES: readonly (readonly [name: string, open: OpenStore])[] = [
  ['SQLite', openSqlite],
  ['PostgreSQL', openPostgres],
];

/** A real store, Slack and mail server, and processes that alert as the test starts and ends them. The clock is the test's. */
export const startWorld = async (openStore: OpenStore) => {
  const store = await openStore();
  const slack = await startSlackApi({ unlimited: true });
  const smtp = await startSmtpServer();
  const { log, lines } = keptLog();
  let time = T0;
  const own: Trouble[] = [];
  let looks = 0;
  const now = (): number => time;
  onTestFinished(async () => {
    await slack.close();
    await smtp.close();
  });

  const processNamed = (
    me: string,
    options: {
      readonly own?: Trouble[];
      readonly store?: Store;
      readonly left?: AlertsDeps['left'];
      readonly every?: number;
    } = {},
  ) => {
    const used = options.store ?? store;
    const alerts = startAlerts({
      store: used,
      status: () => used.status(),
      media: [
        slackMedium({
          client: createSlackClient({ token: slack.token, apiUrl: slack.url }),
          alertChannel: '#bookings',
          look: () => ({ timezone: 'UTC', locale: 'en-US', now: time }),
          interactive: true,
          knownBroken: () => [],
          log,
        }),
        mailMedium({
          settings: {
            from: { name: 'Bookings', address: 'bookings@example.com' },
            to: [{ name: '', address: 'office@example.com' }],
            publicUrl: 'https://bot.example.com',
            time: (at) => new Date(at).toISOString(),
          },
          open: () => createSmtpTransport(smtp.url),
          log,
        }),
      ],
      own: async () => {
        looks += 1;
        return options.own ?? own;
      },
      me,
      ...(options.left && { left: options.left }),
      now,
      log,
      every: options.every ?? 20,
    });
    onTestFinished(() => alerts[Symbol.asyncDispose]());
    return alerts;
  };

  const plan = async (resource: string): Promise<string> => {
    await store.accept(aReceived({ receivedAt: time }));
    const [stored] = await store.unrouted(1);
    if (!stored) throw new Error('nothing to route');
    const key = `booking:${resource} email:${resource}@example.com`;
    const routing = aRouting(stored, { deliveries: [{ key, destination: `email:${resource}@example.com` }] });
    await store.saveRouting(routing);
    return routing.deliveries[0]?.id ?? '';
  };

  const end = async (id: string, status: 'dead' | 'pending', message: string): Promise<void> => {
    const [claimed] = await store.claim([id], time);
    if (!claimed) throw new Error('nothing to claim');
    const dead = status === 'dead';
    await store.settle({
      attempt: claimed.attempt,
      id,
      at: time,
      outcome: {
        status,
        verdict: dead ? 'permanent' : 'retry',
        code: dead ? 'no_such_mailbox' : 'smtp_unreachable',
        message,
        unclear: false,
        dueAt: dead ? time : time + 3_600_000,
        counts: true,
      },
    });
  };

  return {
    store,
    slack,
    smtp,
    own,
    lines,
    processNamed,
    /** Lets so many minutes pass. */
    pass(minutes: number) {
      time += minutes * 60_000;
    },
    now,
    looks: () => looks,
    posts: () => slack.posts.map(({ text }) => text),
    subjects: async () => (await smtp.parsed()).map(({ subject }) => subject),
    /** Plans a mail for a booking. Returns its delivery's id. */
    plan,
    /** Ends an attempt at a delivery: dead, or to be tried again in an hour. */
    end,
    /** Lets a delivery die as a lane would. */
    async die(resource: string, message = 'There is no such mailbox.'): Promise<string> {
      const id = await plan(resource);
      await end(id, 'dead', message);
      return id;
    },
  };
};

export const aTrouble = (overrides: Partial<Trouble> = {}): Trouble => ({
  key: 'rules',
  title: 'The rules have errors',
  overTitle: 'The rules are in order again',
  cause: 'rules.yaml:3 is wrong',
  remedy: 'Mend it.',
  since: T0,
  ...overrides,
});
