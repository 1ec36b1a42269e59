import { expect, test } from 'vitest';
import { watchDisk } from '../../src/watch/disk.ts';
import { T0 } from '../support/builders.ts';

/** A disk that has so much free at each check in turn, in megabytes; undefined where that can't be found out. */
const watching = async (...free: (number | undefined)[]): Promise<number[]> => {
  const left = free.map((megabytes) => (megabytes === undefined ? undefined : megabytes * 1_000_000));
  const look = watchDisk('/data', { free: async () => left.shift(), now: () => T0 });
  const counts: number[] = [];
  for (const _ of free) counts.push((await look()).length);
  return counts;
};

test('a disk is nearly full until there is clearly more room again', async () => {
  expect(await watching(900, 499, 600, 749, 751, 600)).toEqual([0, 1, 1, 1, 0, 0]);
});

test('a check that finds nothing out neither begins nor ends that', async () => {
  expect(await watching(undefined, 499, undefined, 900, undefined)).toEqual([0, 1, 1, 0, 0]);
});
