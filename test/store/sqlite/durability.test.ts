import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { aReceived } from '../../support/builders.ts';
import { startProgram, storeFile } from './process.ts';

it('shares commits among webhooks that arrive together', async () => {
  const bytesWritten = async (accept: (ids: string[], one: (id: string) => Promise<unknown>) => Promise<unknown>) => {
    const file = await storeFile();
    await using store = await openSqliteStore(file);
    await store.accept(aReceived());
    const before = (await stat(`${file}-wal`)).size;
    const ids = Array.from({ length: 200 }, (_, index) => `wh_${index}`);
    await accept(ids, (id) => store.accept(aReceived({ id })));
    expect((await store.status()).webhooks).toBe(201);
    return (await stat(`${file}-wal`)).size - before;
  };

  // Every commit writes each page it touched to the write-ahead log once: the fewer commits, the fewer pages.
  const together = await bytesWritten((ids, one) => Promise.all(ids.map(one)));
  const oneByOne = await bytesWritten(async (ids, one) => {
    for (const id of ids) await one(id);
  });

  expect(together).toBeGreaterThan(0);
  expect(oneByOne / together).toBeGreaterThan(5);
});

it('still has every webhook whose acceptance was confirmed before the process was killed', async () => {
  const file = await storeFile();
  const program = startProgram(['accept-for-ever', file]);
  await program.printed((line) => line === 'wh_0_25');
  await program.kill();
  const confirmed = program.lines.filter((line) => /^wh_\d+_\d+$/.test(line));

  await using store = await openSqliteStore(file);

  const kept = new Set((await store.unrouted(1_000_000)).map(({ id }) => id));
  expect(confirmed.length).toBeGreaterThan(25);
  expect(confirmed.filter((id) => !kept.has(id))).toEqual([]);
  expect((await store.status()).webhooks).toBe(kept.size);
  expect(await store.accept(aReceived({ id: confirmed[0] ?? '' }))).toBe('duplicate');
});

it.runIf(process.platform === 'linux')(
  'rejects while the disk is full, keeps nothing by halves, and goes on after',
  async () => {
    const file = await storeFile();
    const program = startProgram(['accept-asked', file], { fileKilobytes: 600 });
    await program.printed((line) => line === 'ready');
    const ids = Array.from({ length: 1_000 }, (_, index) => `wh_${index}`);
    for (const id of ids) program.send(id);
    const refused = await program.printed((line) => line.startsWith('rejected '));
    await program.printed((line) => line.includes('wh_999'));
    expect(refused).toMatch(/disk/);

    await promisify(execFile)('prlimit', ['--pid', String(program.pid), '--fsize=unlimited']);
    program.send('wh_after');
    expect(await program.printed((line) => line.endsWith(' wh_after'))).toBe('stored wh_after');
    const again = refused.split(/[ :]/)[1] ?? '';
    program.send(again);
    await program.printed((line) => line === `stored ${again}`);
    program.send(again);
    await program.printed((line) => line === `duplicate ${again}`);
    await program.kill();
    const stored = program.lines.filter((line) => line.startsWith('stored ')).map((line) => line.slice(7));
    const notStored = ids.filter((id) => !stored.includes(id));

    await using store = await openSqliteStore(file);
    expect(stored.length).toBeGreaterThan(10);
    expect((await store.unrouted(10_000)).map(({ id }) => id)).toEqual(stored);
    expect((await store.status()).webhooks).toBe(stored.length);
    expect(await store.accept(aReceived({ id: notStored[0] ?? '' }))).toBe('stored');
  },
);
