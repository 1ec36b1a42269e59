import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import { createSchedule } from '../../src/runtime/schedule.ts';
import { describeSignalsContract } from '../contracts/signals.ts';

const MINUTE = 100;

describeSignalsContract('timers of one process', {
  shared: false,
  open: async () => {
    const schedule = createSchedule(silentLog(), MINUTE);
    const begun = Date.now();
    return {
      processes: [schedule],
      times: () => Math.floor((Date.now() - begun) / MINUTE) + 1,
      close: () => schedule[Symbol.asyncDispose](),
    };
  },
});

test('a chore that takes longer than its time is not begun again meanwhile, and is waited for at the end', async () => {
  const schedule = createSchedule(silentLog(), 5);
  let under = 0;
  let most = 0;
  let ended = 0;
  schedule.every(1, 'slow', async () => {
    under += 1;
    most = Math.max(most, under);
    await pause(30);
    under -= 1;
    ended += 1;
  });
  await expect.poll(() => ended).toBeGreaterThan(1);
  await schedule[Symbol.asyncDispose]();
  expect([under, most]).toEqual([0, 1]);
});
