import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../src/runtime/log.ts';
import { startElection } from '../../../src/store/postgres/election.ts';
import { openLine } from '../../../src/store/postgres/line.ts';
import type { Work } from '../../../src/store/process-ports.ts';
import { openTestDatabase } from '../../support/postgres.ts';
import { openProxy } from '../../support/proxy.ts';

const aDatabase = async () => {
  const { url, close } = await openTestDatabase();
  const closes: (() => Promise<void>)[] = [close];
  onTestFinished(async () => {
    for (const each of closes) await each();
  });
  const aLine = async (name: string, answerWithin?: number) => {
    const line = await openLine(url, name, silentLog(), answerWithin);
    closes.unshift(() => line[Symbol.asyncDispose]());
    return line;
  };
  const anElection = async (name: string, works: readonly Work[] = ['slack', 'sheet']) => {
    const line = await aLine(name);
    const elected = startElection(line, works);
    closes.unshift(() => elected[Symbol.asyncDispose]());
    return { line, elected };
  };
  return { url, aLine, anElection };
};

const cut = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1';

test('a notification reaches all who listen to its channel, in order', async () => {
  const { aLine } = await aDatabase();
  const [one, other] = [await aLine('one'), await aLine('other')];
  const heard: (string | undefined)[] = [];
  other.listen('webkasa_test', (text) => heard.push(text));
  await expect.poll(() => heard).toEqual([undefined]);
  one.tell('webkasa_test', "it's 1");
  one.tell('webkasa_else', 'not this');
  one.tell('webkasa_test', '2');
  await expect.poll(() => heard).toEqual([undefined, "it's 1", '2']);
});

test('a broken connection reconnects, listens again, and reports that notifications may have been missed', async () => {
  const { aLine } = await aDatabase();
  const [one, other] = [await aLine('one'), await aLine('cut')];
  const heard: (string | undefined)[] = [];
  let lost = 0;
  other.listen('webkasa_test', (text) => heard.push(text));
  other.onLost(() => {
    lost += 1;
  });
  await expect.poll(() => heard.length).toBe(1);
  await one.query(cut, ['cut']);
  await expect.poll(() => heard).toEqual([undefined, undefined]);
  expect(lost).toBe(1);
  one.tell('webkasa_test', 'again');
  await expect.poll(() => heard.at(-1)).toBe('again');
  expect(await other.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('concurrent queries are all answered', async () => {
  const { aLine } = await aDatabase();
  const line = await aLine('one');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => line.query<{ n: number }>('SELECT $1::integer AS n', [n])),
  );
  expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

test('one of several is elected, another takes over when it goes, and never two at once', async () => {
  const { anElection } = await aDatabase();
  const all = await Promise.all([anElection('a'), anElection('b'), anElection('c')]);
  const holders = () => all.filter(({ elected }) => elected.mine('slack'));
  await expect.poll(() => holders().length).toBe(1);
  const [first] = holders();
  await first?.elected[Symbol.asyncDispose]();
  expect(holders()).toEqual([]);
  await first?.line[Symbol.asyncDispose]();
  await expect.poll(() => holders().length).toBe(1);
  expect(holders()).not.toContain(first);
});

test('a broken connection ends the turn at once, and a new election is reported', async () => {
  const { aLine, anElection } = await aDatabase();
  const other = await aLine('other');
  const { elected } = await anElection('cut', ['slack']);
  let turns = 0;
  elected.onTurn('slack', () => {
    turns += 1;
  });
  await expect.poll(() => turns).toBe(1);
  expect([elected.mine('slack'), elected.mine('email')]).toEqual([true, true]);
  await other.query(cut, ['cut']);
  await expect.poll(() => turns).toBe(2);
  expect(elected.mine('slack')).toBe(true);
});

test('a lock that was granted in a lost answer is released', async () => {
  const { aLine } = await aDatabase();
  const [one, other] = [await aLine('one', 300), await aLine('other')];
  await expect(one.query('SELECT pg_advisory_lock(7), pg_sleep(1)')).rejects.toThrow("can't be reached");
  await expect.poll(() => one.query('SELECT 1 AS one').catch(() => [])).toEqual([{ one: 1 }]);
  await expect
    .poll(() => other.query('SELECT pg_try_advisory_lock(7) AS got'), { timeout: 20_000 })
    .toEqual([{ got: true }]);
});

test('a server that has become read-only is left for one that is not', async () => {
  const { aLine } = await aDatabase();
  const line = await aLine('one');
  const write = (): Promise<unknown> => line.query('CREATE TABLE IF NOT EXISTS written ()');
  await line.query('SET default_transaction_read_only = on');

  await expect(write()).rejects.toThrow('25006');

  await expect.poll(() => write().catch(String)).toEqual([]);
});

test('a notification that the server refuses does not disturb what follows', async () => {
  const { aLine } = await aDatabase();
  const line = await aLine('one');
  const heard: (string | undefined)[] = [];
  line.listen('webkasa_test', (text) => heard.push(text));

  line.tell('webkasa_test', 'x'.repeat(8_000));

  expect(await line.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  line.tell('webkasa_test', 'short');
  await expect.poll(() => heard).toEqual([undefined, 'short']);
});

test('it closes in time though the server no longer answers', async () => {
  const { url } = await aDatabase();
  const proxy = await openProxy(Number(new URL(url).port));
  onTestFinished(proxy.close);
  const through = new URL(url);
  through.port = String(proxy.port);
  const line = await openLine(through.href, 'hangs', silentLog());
  await line.query('SELECT 1');
  proxy.hangs(true);
  const begun = performance.now();

  await line[Symbol.asyncDispose]();

  expect(performance.now() - begun).toBeLessThan(5_000);
});
