import { expect, test } from 'vitest';
import { DeliveryError } from '../../src/core/errors.ts';
import { createPauseGate } from '../../src/deliver/pause.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Pause } from '../../src/store/ports.ts';

const START = 1_800_000_000_000;
const MINUTE = 60_000;
const refused = new DeliveryError('bad_login', 'The login was refused.', { verdict: 'channel' });

const gateAt = () => {
  let time = START;
  const shown: (Pause | undefined)[] = [];
  const setPause = async (_: string, pause: Pause | undefined): Promise<void> => void shown.push(pause);
  const gate = createPauseGate('email', { setPause }, () => time, silentLog());
  return { gate, shown, at: (milliseconds: number) => (time = START + milliseconds) };
};

test('pauses for 1, 2, 4, 8 and then 15 minutes, and tries with one at a time in between', async () => {
  const { gate, at } = gateAt();
  const lengths: number[] = [];
  let time = 0;
  for (let failure = 0; failure < 6; failure += 1) {
    await gate.close(refused);
    lengths.push(gate.closedFor() / MINUTE);
    time += gate.closedFor();
    at(time);
    expect([gate.closedFor(), gate.places(5)]).toEqual([0, 1]);
  }
  expect(lengths).toEqual([1, 2, 4, 8, 15, 15]);
});

test('failures of attempts that were under way together count as one', async () => {
  const { gate, shown } = gateAt();
  await Promise.all([gate.close(refused), gate.close(refused), gate.close(refused)]);
  expect(gate.closedFor()).toBe(MINUTE);
  expect(shown).toHaveLength(1);
});

test('opens all places and begins anew once an attempt succeeds', async () => {
  const { gate, shown, at } = gateAt();
  await gate.close(refused);
  at(MINUTE);
  await gate.open();
  expect(gate.places(5)).toBe(5);
  expect(shown.at(-1)).toBeUndefined();
  await gate.close(refused);
  expect(gate.closedFor()).toBe(MINUTE);
});

test('a clock set back makes no pause longer than the longest', async () => {
  const { gate, at } = gateAt();
  await gate.close(refused);
  at(-24 * 60 * MINUTE);
  expect(gate.closedFor()).toBe(15 * MINUTE);
});
