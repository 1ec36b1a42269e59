/*
 * What the tests run in a process of its own, to kill it or to limit its disk. Prints one line for each fact, and goes
 * on when the line is on its way to whoever reads it.
 */
import { createInterface } from 'node:readline';
import { messageOf } from '../../../src/core/errors.ts';
import { lockFile } from '../../../src/store/sqlite/database.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';

const [what, file = '', ...rest] = process.argv.slice(2);
const say = (line: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(`${line}\n`, () => resolve());
  });

const body = new TextEncoder().encode(JSON.stringify({ padding: 'x'.repeat(500) }));
const webhook = (id: string) => ({ id, type: 'booking.created', receivedAt: Date.now(), body });

/** Accepts webhooks in 20 lines of work at once, for ever, and prints each id once it is durable. */
const acceptForEver = async (): Promise<void> => {
  const store = await openSqliteStore(file);
  const worker = async (name: number): Promise<void> => {
    for (let number = 0; ; number += 1) {
      const id = `wh_${name}_${number}`;
      await store.accept(webhook(id));
      await say(id);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, name) => worker(name)));
};

/** Accepts one webhook for each id on standard input and prints how that went. */
const acceptWhatIsAsked = async (): Promise<void> => {
  const store = await openSqliteStore(file);
  await say('ready');
  for await (const id of createInterface({ input: process.stdin })) {
    await store.accept(webhook(id)).then(
      (answer) => say(`${answer} ${id}`),
      (error: unknown) => say(`rejected ${id}: ${messageOf(error)}`),
    );
  }
  await store[Symbol.asyncDispose]();
};

const holdLock = async (): Promise<void> => {
  const lock = lockFile(file);
  await say(lock ? 'locked' : 'refused');
  // Holds it until the process ends; whoever started this one decides how.
  if (lock) setInterval(() => lock, 1_000_000);
};

/** Retries as a command line beside the running bot does. */
const retry = async (): Promise<void> => {
  const store = await openSqliteStore(file);
  // Often, so that the two get in each other's way for certain.
  const by = { id: 'ops', name: 'ops', via: 'command line' } as const;
  const retried: string[] = [];
  for (let turn = 0; turn < 200; turn += 1) retried.push(...(await store.retry(rest[0] ?? '', Date.now(), by)));
  await say(`retried ${retried.join()}`);
  await store[Symbol.asyncDispose]();
};

const programs: Readonly<Record<string, () => Promise<void>>> = {
  'accept-for-ever': acceptForEver,
  'accept-asked': acceptWhatIsAsked,
  lock: holdLock,
  retry,
};
await programs[what ?? '']?.();
