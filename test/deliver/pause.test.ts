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
  let kept: Pause | undefined;
  const setPause = async (_: string, pause: Pause | undefined): Promise<void> => {
    kept = pause;
    shown.push(pause);
  };
  const getPause = async (): Promise<Pause | undefined> => kept;
  const gate = createPauseGate('email', { setPause, getPause }, () => time, silentLog());
  return { gate, shown, setPause, at: (milliseconds: number) => (time = START + milliseconds) };
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

test('a pause that was lifted in the store is over, and begins anew should the trouble go on', async () => {
  const { gate, setPause, at } = gateAt();
  await gate.close(refused);
  at(MINUTE);
  await gate.close(refused);
  expect(await gate.lifted()).toBe(false);
  expect(gate.closedFor()).toBe(2 * MINUTE);

  await setPause('email', undefined);
  expect(await gate.lifted()).toBe(true);
  expect([gate.closedFor(), gate.places(5)]).toEqual([0, 1]);
  await gate.close(refused);
  expect(gate.closedFor()).toBe(MINUTE);
  await setPause('email', undefined);
  await gate.lifted();
  await gate.open();
  expect(gate.places(5)).toBe(5);
});

test('a pause that could not be noted is not taken for one that was lifted', async () => {
  const store = {
    setPause: () => Promise.reject(new Error('The disk is full.')),
    getPause: async () => undefined,
  };
  const gate = createPauseGate('email', store, () => START, silentLog());
  const closing = gate.close(refused);
  expect(await gate.lifted()).toBe(false);
  await closing;
  expect(await gate.lifted()).toBe(false);
  expect(gate.closedFor()).toBe(MINUTE);
});

test('a clock set back makes no pause longer than the longest', async () => {
  const { gate, at } = gateAt();
  await gate.close(refused);
  at(-24 * 60 * MINUTE);
  expect(gate.closedFor()).toBe(15 * MINUTE);
});
