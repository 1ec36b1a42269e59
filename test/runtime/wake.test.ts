import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWake } from '../../src/runtime/wake.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a sleep has ended, once all that is ready has run. */
const ended = async (sleep: Promise<void>): Promise<boolean> => {
  let over = false;
  void sleep.then(() => {
    over = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return over;
};

test('sleeps as long as it was told', async () => {
  const sleep = createWake().sleep(1_000);
  await vi.advanceTimersByTimeAsync(999);
  expect(await ended(sleep)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await ended(sleep)).toBe(true);
});

test('a call ends the sleep under way, and leaves no timer behind', async () => {
  const alarm = createWake();
  const sleep = alarm.sleep(60_000);
  alarm.wake();
  expect(await ended(sleep)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('a call between two sleeps is not lost: the next ends at once', async () => {
  const alarm = createWake();
  alarm.wake();
  expect(await ended(alarm.sleep(60_000))).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('many calls end one sleep, not the one after', async () => {
  const alarm = createWake();
  for (let turn = 0; turn < 5; turn += 1) alarm.wake();
  expect(await ended(alarm.sleep(60_000))).toBe(true);
  const next = alarm.sleep(60_000);
  expect(await ended(next)).toBe(false);
  alarm.wake();
  alarm.wake();
  expect(await ended(next)).toBe(true);
  expect(await ended(alarm.sleep(60_000))).toBe(true);
});

test('a sleep that ended by itself does not end the next', async () => {
  const alarm = createWake();
  const first = alarm.sleep(10);
  await vi.advanceTimersByTimeAsync(10);
  expect(await ended(first)).toBe(true);
  expect(await ended(alarm.sleep(60_000))).toBe(false);
});

test('a rest is not ended by a wake, which ends the sleep after it', async () => {
  const alarm = createWake();
  const rest = alarm.rest(30);
  alarm.wake();
  expect(await ended(rest)).toBe(false);
  await vi.advanceTimersByTimeAsync(30);
  expect(await ended(rest)).toBe(true);
  expect(await ended(alarm.sleep(60_000))).toBe(true);
});

test('stopping ends a rest and a sleep, and all that come later', async () => {
  const alarm = createWake();
  const rest = alarm.rest(60_000);
  alarm.stop();
  await rest;
  await alarm.sleep(60_000);
  await alarm.rest(60_000);
});
