import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { resourceKey } from '../../../src/core/resource.ts';
import { parseWebhook } from '../../../src/core/webhook.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Store, StoredWebhook } from '../../../src/store/ports.ts';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import { claimed, deliveryOf, done, dueIds, planned, routed } from '../../contracts/store/harness.ts';
import { orderContract } from '../../contracts/store/order.ts';
import { aReceived, aRouting, aWebhook, T0 } from '../../support/builders.ts';
import { eventually } from '../../support/eventually.ts';
import { emptyStore, openTestStore, type TestDatabase } from '../../support/postgres.ts';
import { openProxy, type TcpProxy } from '../../support/proxy.ts';

const announce = { within: async () => {}, soon: () => {} };

const openedOn = async (url: string, connections = 4): Promise<Store> => {
  const store = await openPostgresStore(url, { announce, log: silentLog(), connections, patience: 0 });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
};

const fresh = async (): Promise<string> => {
  const { url, close } = await openTestStore();
  onTestFinished(close);
  return url;
};

/** Two that work on one database, as two processes do. */
const two = async (): Promise<{ url: string; one: Store; other: Store }> => {
  const url = await fresh();
  return { url, one: await openedOn(url), other: await openedOn(url) };
};

const onDatabase = async <Row>(url: string, statement: string): Promise<Row[]> => {
  const database = await openDatabase(url, { connections: 1 });
  try {
    return await database.query<Row>(statement);
  } finally {
    await database.close();
  }
};

const proxyTo = async (url: string): Promise<TcpProxy & { readonly url: string }> => {
  const proxy = await openProxy(Number(new URL(url).port));
  onTestFinished(proxy.close);
  const through = new URL(url);
  through.port = String(proxy.port);
  return { ...proxy, url: through.href };
};

const route = async (store: Store, stored: StoredWebhook): Promise<'saved' | 'conflict'> => {
  const parsed = parseWebhook(stored.body);
  const key = 'webhook' in parsed ? resourceKey(parsed.webhook) : undefined;
  return store.saveRouting(aRouting(stored, { current: key && (await store.getResource(key)) }));
};

describe('accepting', () => {
  it('stores a webhook once that two processes receive at the same time, in whatever order', async () => {
    const { one, other } = await two();
    const webhooks = Array.from({ length: 200 }, () => aReceived());

    const answers = await Promise.all([
      ...webhooks.map((webhook) => one.accept(webhook)),
      ...webhooks.toReversed().map((webhook) => other.accept(webhook)),
    ]);

    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(200);
    expect((await one.status()).webhooks).toBe(200);
  });

  it('fails within some five seconds while the database does not answer, and recovers', async () => {
    const proxy = await proxyTo(await fresh());
    const store = await openedOn(proxy.url);
    proxy.hangs(true);
    const begun = performance.now();

    const answers = await Promise.allSettled(Array.from({ length: 1_500 }, () => store.accept(aReceived())));

    expect(performance.now() - begun).toBeLessThan(8_000);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    proxy.hangs(false);
    await eventually(async () => expect(await store.accept(aReceived())).toBe('stored'));
  });
});

describe('routing', () => {
  it('gives each webhook to one process, and all of a resource to the one that has begun with it', async () => {
    const { one, other } = await two();
    const of = (id: string) => aReceived({ webhook: aWebhook({ data: { id } }) });
    for (const id of ['bk_a', 'bk_b', 'bk_a', 'bk_c']) await one.accept(of(id));

    const [first] = await one.unrouted(1);
    const others = await other.unrouted(10);

    expect(first?.seq).toBeLessThan(others[0]?.seq ?? 0);
    expect(others.map(({ body }) => JSON.parse(Buffer.from(body).toString()).data.id)).toEqual(['bk_b', 'bk_c']);
    expect(await other.unrouted(10)).toEqual(others);
    if (first) await route(one, first);
    expect(await other.unrouted(10)).toHaveLength(3);
    expect(await one.unrouted(10)).toEqual([]);
  });

  it('keeps the webhooks of a resource in order of arrival across processes', async () => {
    const { url, one, other } = await two();
    for (let number = 0; number < 120; number += 1) {
      await one.accept(aReceived({ webhook: aWebhook({ data: { id: `bk_${number % 8}` } }) }));
    }
    const order = new Map<string, number[]>();
    const work = async (store: Store): Promise<void> => {
      for (;;) {
        const waiting = await store.unrouted(10);
        for (const stored of waiting) {
          expect(await route(store, stored)).toBe('saved');
          const { id } = JSON.parse(Buffer.from(stored.body).toString()).data;
          order.set(id, [...(order.get(id) ?? []), stored.seq]);
        }
        if (waiting.length === 0 && (await store.status()).unrouted === 0) return;
      }
    };

    await Promise.all([work(one), work(other)]);

    expect(order.size).toBe(8);
    for (const seqs of order.values()) expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(await onDatabase(url, 'SELECT count(*) AS count FROM routing')).toEqual([{ count: 120 }]);
  });
});

describe('delivering', () => {
  it('never runs two of a key at once, though two processes claim them at the same moment', async () => {
    const { one, other } = await two();
    for (let round = 0; round < 25; round += 1) {
      const key = `key ${round}`;
      const first = await planned(one, { key, version: 10 });
      const second = await planned(one, { key, version: 20 });

      const claims = (
        await Promise.all([one.claim([first], T0), other.claim([second], T0), other.claim([first], T0)])
      ).flat();

      expect(claims).toHaveLength(1);
      for (const claim of claims) await one.settle(done(claim));
    }
  });

  it('releases a claim whose answer was lost', async () => {
    const url = await fresh();
    const other = await openedOn(url);
    const proxy = await proxyTo(url);
    const one = await openedOn(proxy.url, 1);
    const id = await planned(other);
    await one.nextDue('email');

    proxy.losesAnswers(true);
    await expect(one.claim([id], T0)).rejects.toThrow(/can't be reached/);
    await eventually(async () => expect((await deliveryOf(other, id)).status).toBe('running'));
    expect(await other.recoverLost(T0)).toBe(0);
    proxy.losesAnswers(false);

    await eventually(async () => expect(await dueIds(other)).toEqual([id]));
    expect(await deliveryOf(other, id)).toMatchObject({ status: 'pending', tries: 0, attempts: [] });
  });

  it('recovers by itself when all its connections were ended, and is not declared dead', async () => {
    const { url, one, other } = await two();
    const [running, next] = [await planned(one), await planned(one)];
    const claim = await claimed(one, running);

    await onDatabase(
      url,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );

    await eventually(() => one.settle(done(claim)));
    expect(await eventually(() => other.recoverLost(T0))).toBe(0);
    expect((await deliveryOf(other, running)).status).toBe('done');
    await eventually(async () => expect(await one.claim([next], T0)).toHaveLength(1));
  });
});

describe('a process that was killed', () => {
  it('leaves what it had claimed to the others, after a while', async () => {
    const url = await fresh();
    const store = await openedOn(url);
    const own = await planned(store, { kind: 'slack' });
    const ownClaim = await claimed(store, own);
    const id = await planned(store);
    await store.accept(aReceived());
    const program = join(import.meta.dirname, 'program.ts');
    const process_ = spawn(process.execPath, [program, url, String(T0)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = await once(process_.stdout, 'data');
    expect(String(said)).toBe('1 1\n');

    process_.kill('SIGKILL');
    await once(process_, 'exit');

    expect(await store.unrouted(10)).toEqual([]);
    // As if ten seconds had passed.
    await onDatabase(url, `UPDATE worker SET seen_at = now() - interval '11 seconds'`);
    await eventually(async () => expect(await store.recoverLost(T0 + 5)).toBe(1));
    expect(await deliveryOf(store, id)).toMatchObject({
      status: 'pending',
      attempts: [{ outcome: 'unclear', code: 'interrupted', endedAt: T0 + 5 }],
    });
    expect(await store.unrouted(10)).toHaveLength(1);
    await store.settle(done(ownClaim));
    expect((await deliveryOf(store, own)).status).toBe('done');
  });

  it.each(['ago', 'ahead'])(
    'is known to be dead though the clock was set, and it was seen an hour %s',
    async (when) => {
      const url = await fresh();
      const store = await openedOn(url);
      const id = await planned(store);
      await claimed(store, id);
      const hour = `interval '${when === 'ago' ? -1 : 1} hour'`;
      await onDatabase(
        url,
        `WITH dead AS (INSERT INTO worker (name, seen_at) VALUES ('dead', now() + ${hour}) RETURNING number)
       UPDATE attempt SET worker = dead.number FROM dead`,
      );
      await onDatabase(url, `UPDATE worker SET seen_at = now() + ${hour}`);

      await eventually(async () => expect(await store.recoverLost(T0)).toBe(1));

      expect(await onDatabase(url, 'SELECT count(*) AS count FROM worker')).toEqual([{ count: 1 }]);
    },
  );

  it('registers anew if it was only cut off, and works on', async () => {
    const { url, one, other } = await two();
    const id = await planned(one);
    await claimed(one, id);

    await onDatabase(url, 'DELETE FROM worker');
    await eventually(async () =>
      expect(await onDatabase(url, 'SELECT count(*) AS count FROM worker')).toEqual([{ count: 2 }]),
    );

    expect(await other.recoverLost(T0)).toBe(1);
    await claimed(one, id);
    expect(await other.recoverLost(T0)).toBe(0);
  });
});

describe('two that take turns', () => {
  const free: TestDatabase[] = [];
  afterAll(() => Promise.all(free.map((database) => database.close())));

  orderContract(async () => {
    const database = free.pop() ?? (await openTestStore());
    const open = () => openPostgresStore(database.url, { announce, log: silentLog(), connections: 2 });
    const stores: readonly [Store, Store] = [await open(), await open()];
    let calls = 0;
    const recoverRunning: Store['recoverRunning'] = async (now) =>
      (await stores[0].recoverRunning(now)) + (await stores[1].recoverRunning(now));
    const store = new Proxy(stores[0], {
      get(_, name) {
        calls += 1;
        return name === 'recoverRunning' ? recoverRunning : Reflect.get(stores[calls % 2 === 0 ? 0 : 1], name);
      },
    });
    let closed: Promise<void> | undefined;
    const closeAll = async (): Promise<void> => {
      for (const each of stores) await each[Symbol.asyncDispose]();
      await emptyStore(database);
      free.push(database);
    };
    return {
      store,
      reopen: async () => store,
      close: () => {
        closed ??= closeAll();
        return closed;
      },
    };
  });
});

describe('turns', () => {
  it('are exclusive within a process and between processes', async () => {
    const { one, other } = await two();
    let inside = 0;
    let most = 0;
    const work = async (): Promise<number> => {
      inside += 1;
      most = Math.max(most, inside);
      await one.nextDue('email');
      inside -= 1;
      return 7;
    };

    const results = await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? one : other).inTurn('sheet', work)),
    );

    expect(results).toEqual(results.map(() => 7));
    expect(most).toBe(1);
  });

  it('with other names run concurrently, and one that fails ends its turn', async () => {
    const { one, other } = await two();

    await one.inTurn('a', () => other.inTurn('b', async () => undefined));
    await expect(one.inTurn('a', () => Promise.reject(new Error('full')))).rejects.toThrow('full');

    expect(await other.inTurn('a', async () => 'mine')).toBe('mine');
  });

  it('are waited for while the connection is broken, and end at once with their process', async () => {
    const { url, one, other } = await two();
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const first = one.inTurn('a', () => {
      begun.resolve();
      return end.promise;
    });
    await begun.promise;
    let theirs = false;
    const second = other.inTurn('a', async () => {
      theirs = true;
    });

    expect(theirs).toBe(false);
    await onDatabase(
      url,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );

    await second;
    end.resolve();
    await first;
    expect(await one.inTurn('a', async () => 'mine')).toBe('mine');
  });
});

it('a story is the same in every process', async () => {
  const { one, other } = await two();
  const webhook = aWebhook();
  await routed(one, webhook, [{}]);

  expect(await other.story(webhook.id)).toEqual(await one.story(webhook.id));
});
