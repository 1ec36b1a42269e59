import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { silentLog } from '../../src/runtime/log.ts';
import type { Store } from '../../src/store/ports.ts';
import { openPostgresStore } from '../../src/store/postgres/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';

/** How the harness looks into the store that the processes share. */
export type Look = <Result>(ask: (store: Store) => Promise<Result>) => Promise<Result>;

/** Nobody works here, so nobody need hear of work. */
const TELLS_NOBODY = { within: async () => {}, soon: () => {} };

/** Opens the store with the first look, and anew after one that failed: a run breaks it in between. */
export const openLook = (
  dataDir: string,
  databaseUrl: string | undefined,
): AsyncDisposable & { readonly look: Look } => {
  let opened: Promise<Store> | undefined;
  const open = (): Promise<Store> =>
    databaseUrl === undefined
      ? openSqliteStore(join(dataDir, 'webkasa-bot.db'))
      : openPostgresStore(databaseUrl, { announce: TELLS_NOBODY, log: silentLog(), name: 'chaos' });
  const close = async (): Promise<void> => {
    const closing = opened;
    opened = undefined;
    await closing?.then((store) => store[Symbol.asyncDispose]()).catch(() => {});
  };
  return {
    async look(ask) {
      opened ??= open();
      try {
        return await ask(await opened);
      } catch (error) {
        await close();
        throw error;
      }
    },
    [Symbol.asyncDispose]: close,
  };
};

const LOOK_EVERY = 200;
const ENDED = ['done', 'dead', 'superseded'];

/** Whether all of a webhook was decided and delivered. */
const isThrough = async (store: Pick<Store, 'story'>, id: string): Promise<boolean> => {
  const [webhook] = (await store.story(id)).webhooks;
  if (!webhook || webhook.decidedAt === null) return false;
  return webhook.deliveries.every(({ status }) => ENDED.includes(status));
};

/** Waits until all of these webhooks are through; whether they are before the deadline (as performance.now() tells). */
export const throughAll = async (look: Look, ids: Iterable<string>, deadline: number): Promise<boolean> => {
  const waiting = [...ids];
  while (waiting.length > 0) {
    await look(async (store) => {
      for (let id = waiting.at(-1); id !== undefined && (await isThrough(store, id)); id = waiting.at(-1))
        waiting.pop();
    }).catch(() => {}); // It may be what is broken.
    if (waiting.length > 0 && performance.now() > deadline) return false;
    if (waiting.length > 0) await pause(LOOK_EVERY);
  }
  return true;
};

/** Waits until nothing waits or runs; what still does after so many milliseconds without progress, in words. */
export const atRest = async (look: Look, patience: number): Promise<string | undefined> => {
  let [least, since] = [Number.POSITIVE_INFINITY, performance.now()];
  for (;;) {
    const left = await look(({ status }) => status()).then(
      ({ unrouted, deliveries }) => ({ unrouted, pending: deliveries.pending, running: deliveries.running }),
      () => undefined,
    );
    const open = left ? left.unrouted + left.pending + left.running : Number.POSITIVE_INFINITY;
    if (open === 0) return undefined;
    if (open < least) [least, since] = [open, performance.now()];
    if (performance.now() - since > patience)
      return left
        ? `${left.unrouted} webhooks undecided, ${left.pending} deliveries waiting, ${left.running} running`
        : 'the store does not answer';
    await pause(LOOK_EVERY);
  }
};
