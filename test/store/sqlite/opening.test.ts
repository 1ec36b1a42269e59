import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { OperatorError } from '../../../src/core/errors.ts';
import { lockFile, openDatabase } from '../../../src/store/sqlite/database.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { died, planned } from '../../contracts/store/harness.ts';
import { aReceived } from '../../support/builders.ts';
import { startProgram, storeFile } from './process.ts';

const versionOf = (file: string): number | undefined => {
  const database = openDatabase(file);
  const version = database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version;
  database.close();
  return version;
};

const failureOf = async (opening: Promise<unknown>): Promise<OperatorError> => {
  const error = await opening.catch((thrown: unknown) => thrown);
  if (!(error instanceof OperatorError)) throw new Error('it opened, or failed in another way', { cause: error });
  return error;
};

it('makes the folder, the file and its schema where there are none, and opens them again', async () => {
  const file = join(dirname(await storeFile()), 'new', 'folder', 'bot.db');
  await using first = await openSqliteStore(file);
  await first.accept(aReceived({ id: 'wh_1' }));
  await first[Symbol.asyncDispose]();

  await using second = await openSqliteStore(file);

  expect(await second.accept(aReceived({ id: 'wh_1' }))).toBe('duplicate');
  expect(versionOf(file)).toBeGreaterThan(0);
});

it('lets several processes open a new store at the same time', async () => {
  const file = await storeFile();
  const programs = ['a', 'b', 'c', 'd'].map(() => startProgram(['accept-asked', file]));

  await Promise.all(programs.map((program) => program.printed((line) => line === 'ready')));
  programs.forEach((program, index) => {
    program.send(`wh_${index}`);
  });
  const answers = await Promise.all(
    programs.map((program, index) => program.printed((line) => line.endsWith(`wh_${index}`))),
  );

  expect(answers).toEqual(['stored wh_0', 'stored wh_1', 'stored wh_2', 'stored wh_3']);
});

it('opens for a question while another connection is in the midst of writing, without waiting for it', async () => {
  const file = await storeFile();
  const writing = openDatabase(file);
  onTestFinished(() => writing.close());
  writing.exec('BEGIN IMMEDIATE');

  const asking = openDatabase(file);
  onTestFinished(() => asking.close());

  expect(asking.prepare('SELECT count(*) AS count FROM webhook').get()).toEqual({ count: 0 });
});

it('refuses a store that a newer version wrote, and says what to do', async () => {
  const file = await storeFile();
  const database = openDatabase(file);
  database.exec('PRAGMA user_version = 9000');
  database.close();

  const error = await failureOf(openSqliteStore(file));

  expect(error.message).toMatch(/bot\.db can't be opened: .*newer webkasa-bot \(schema 9000/);
  expect(error.remedy).toMatch(/^Start the newer version/);
});

it('refuses a file that is no store and leaves it as it is', async () => {
  const file = await storeFile();
  await writeFile(file, 'not a database, but somebody needs it\n'.repeat(100));
  const { size } = await stat(file);

  const error = await failureOf(openSqliteStore(file));

  expect(error.message).toMatch(/not a database/);
  expect((await stat(file)).size).toBe(size);
});

it('says what to check where the file can not be made', async () => {
  const file = await storeFile();
  await mkdir(file);

  expect((await failureOf(openSqliteStore(file))).remedy).toMatch(/DATA_DIR/);
});

it('says what to check where it can not be locked', async () => {
  const file = await storeFile();
  await mkdir(`${file}.lock`);

  const error = await failureOf(openSqliteStore(file, { alone: true }));

  expect(error.message).toMatch(/bot\.db\.lock can't be locked/);
  expect(error.remedy).toMatch(/DATA_DIR/);
});

it('gives a lock to one process, until that one ends, however it ends', async () => {
  const file = `${await storeFile()}.lock`;
  const program = startProgram(['lock', file]);
  await program.printed((line) => line === 'locked');

  expect(lockFile(file)).toBeUndefined();
  await startProgram(['lock', file]).printed((line) => line === 'refused');

  await program.kill();
  const lock = lockFile(file);
  expect(lock).toBeDefined();
  await startProgram(['lock', file]).printed((line) => line === 'refused');

  lock?.release();
  await startProgram(['lock', file]).printed((line) => line === 'locked');
});

it('is the bot of one process alone, which the command line of others may ask all the same', async () => {
  const file = await storeFile();
  await using bot = await openSqliteStore(file, { alone: true });

  const error = await failureOf(openSqliteStore(file, { alone: true }));
  expect(error.message).toMatch(/Another webkasa-bot is running/);
  const asking = startProgram(['accept-asked', file]);
  await asking.printed((line) => line === 'ready');

  await bot[Symbol.asyncDispose]();
  await using next = await openSqliteStore(file, { alone: true });
  expect(await next.accept(aReceived())).toBe('stored');
});

it('is not kept locked by a bot that could not start', async () => {
  const file = await storeFile();
  await writeFile(file, 'not a database');
  await failureOf(openSqliteStore(file, { alone: true }));

  await rm(file);

  await using bot = await openSqliteStore(file, { alone: true });
  expect(await bot.accept(aReceived())).toBe('stored');
});

it('lets a second process write while the first is busy', async () => {
  const file = await storeFile();
  await using store = await openSqliteStore(file);
  const id = await planned(store);
  await died(store, id);
  const second = startProgram(['retry', file, id]);
  let number = 0;
  let over = false;
  const busy = Array.from({ length: 20 }, async () => {
    while (!over) {
      number += 1;
      expect(await store.accept(aReceived({ id: `wh_busy_${number}` }))).toBe('stored');
    }
  });

  expect(await second.printed((line) => line.startsWith('retried'))).toBe(`retried ${id}`);

  over = true;
  await Promise.all(busy);
  expect(await store.due('email', Date.now(), 10)).toMatchObject([{ id }]);
  expect((await store.status()).webhooks).toBe(number + 1);
});

/** Nested too deeply to be copied into another thread. */
const tooDeep = (): { deeper?: unknown } => {
  const nested: { deeper?: unknown } = {};
  let innermost = nested;
  for (let level = 0; level < 100_000; level += 1) {
    const deeper = {};
    innermost.deeper = deeper;
    innermost = deeper;
  }
  return nested;
};

it('rejects what can not be handed to the database, and nothing that was called at the same moment', async () => {
  await using store = await openSqliteStore(await storeFile());

  const [before, refused, after] = await Promise.allSettled([
    store.accept(aReceived({ id: 'wh_before' })),
    store.note(1, tooDeep()),
    store.accept(aReceived({ id: 'wh_after' })),
  ]);

  expect(refused).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/can't take this/) } });
  expect([before, after]).toEqual(Array(2).fill({ status: 'fulfilled', value: 'stored' }));
});

it('closes though the last thing it was asked can not be handed to the database', async () => {
  const store = await openSqliteStore(await storeFile());
  const settled = store.settle({
    attempt: 1,
    id: 'dl_1',
    at: 2,
    outcome: { status: 'done', receipt: { summary: 'taken', detail: tooDeep() } },
  });

  await Promise.all([store[Symbol.asyncDispose](), expect(settled).rejects.toThrow(/can't take this/)]);
});

it('answers everything that was asked before it is closed, however much, without a warning', async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on('warning', warned);
  onTestFinished(() => {
    process.off('warning', warned);
  });
  const store = await openSqliteStore(await storeFile());
  const asked = Array.from({ length: 4_000 }, (_, index) => store.accept(aReceived({ id: `wh_${index}` })));

  await store[Symbol.asyncDispose]();

  expect(new Set(await Promise.all(asked))).toEqual(new Set(['stored']));
  expect(warnings).toEqual([]);
});

it('closes and gives its lock back though its writing thread fails meanwhile', async () => {
  const started = threads();
  const file = await storeFile();
  const store = await openSqliteStore(file, { alone: true });
  const other = openDatabase(file);
  other.exec('BEGIN IMMEDIATE');
  const asked = expect(store.accept(aReceived())).rejects.toThrow('out of memory');

  const closing = store[Symbol.asyncDispose]();
  await new Promise((resolve) => setImmediate(resolve));
  started[0]?.emit('error', new Error('out of memory'));

  await Promise.all([closing, asked]);
  other.close();
  await started[0]?.terminate();
  const lock = lockFile(`${file}.lock`);
  expect(lock).toBeDefined();
  lock?.release();
});

it('answers on closing what was asked before, also an outcome that still waits to share a commit', async () => {
  const file = await storeFile();
  const store = await openSqliteStore(file);
  const id = await planned(store);
  const [claimed] = await store.claim([id], 1);
  const settled = store.settle({
    attempt: claimed?.attempt ?? 0,
    id,
    at: 2,
    outcome: { status: 'done', receipt: { summary: 'taken' } },
  });
  await store[Symbol.asyncDispose]();
  await settled;
  const again = await openSqliteStore(file);
  expect((await again.status()).deliveries).toMatchObject({ done: 1, running: 0 });
  await again[Symbol.asyncDispose]();
});

/** The database threads that are started from now on, in their order. */
const threads = (): Worker[] => {
  const started: Worker[] = [];
  const note = (thread: Worker): void => {
    started.push(thread);
  };
  process.on('worker', note);
  onTestFinished(() => {
    process.off('worker', note);
  });
  return started;
};

it('tells when its writing thread ends unasked, since only a restart helps, and refuses everything then', async () => {
  const started = threads();
  const fault = Promise.withResolvers<Error>();
  const store = await openSqliteStore(await storeFile(), { onFault: fault.resolve });

  const asked = store.unrouted(1);
  await Promise.all([started[0]?.terminate(), expect(asked).rejects.toThrow(/database thread/)]);

  expect((await fault.promise).message).toMatch(/database thread/);
  await expect(store.accept(aReceived())).rejects.toThrow(/database thread/);
  await store[Symbol.asyncDispose]();
});

it('takes no fault for being closed, and starts another thread for questions when that one ends', async () => {
  const started = threads();
  const faults: Error[] = [];
  const store = await openSqliteStore(await storeFile(), { onFault: (error) => faults.push(error) });
  await store.status();

  await started[1]?.terminate();

  expect((await store.status()).webhooks).toBe(0);
  await store[Symbol.asyncDispose]();
  expect(faults).toEqual([]);
});

it('hands over the deliveries of a damaged webhook with the others, and says what is wrong with it alone', async () => {
  const file = await storeFile();
  await using store = await openSqliteStore(file);
  const [damaged, whole] = [await planned(store), await planned(store)];
  const database = openDatabase(file);
  database.exec(`UPDATE webhook SET body = x'00' WHERE seq = (SELECT webhook FROM delivery WHERE id = '${damaged}')`);
  database.close();

  const [first, second] = await store.claim([damaged, whole], 1);

  expect(() => first?.webhook).toThrow(/webhook of dl_\d+ is damaged/);
  expect(second?.webhook.type).toBe('booking.created');
});
