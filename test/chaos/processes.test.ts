import { expect, test } from 'vitest';
import { faultNamed } from './faults/all.ts';
import { runScenario } from './scenario.ts';

test('two receivers and two workers on one PostgreSQL lose nothing while they are killed, and keep the order', {
  timeout: 240_000,
}, async () => {
  const { findings, counts, kills } = await runScenario({
    seed: 20_270_116,
    store: 'postgres',
    receivers: 2,
    workers: 2,
    kills: 3,
    killEvery: 700,
    rate: 15,
  });
  console.log('three kills among four processes:', JSON.stringify(counts));
  expect(findings).toEqual([]);
  expect(kills).toBe(3);
  expect(counts.accepted).toBeGreaterThan(20);
});

test('a clock that jumps an hour ahead and back makes nothing wait', { timeout: 240_000 }, async () => {
  const fault = { ...faultNamed('clock-ahead'), lasts: 1_500 };
  const { findings, normalAfter } = await runScenario({ seed: 20_270_117, store: 'sqlite', fault, rate: 15 });
  expect(findings).toEqual([]);
  expect(normalAfter).toBeLessThan(60_000);
});
