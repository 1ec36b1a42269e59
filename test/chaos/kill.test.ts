import { expect, test } from 'vitest';
import { runScenario } from './scenario.ts';

test('twenty kills under load lose nothing, leave nothing undone and repeat no more than was under way', {
  timeout: 240_000,
}, async () => {
  const { findings, counts, kills } = await runScenario({
    seed: 20_270_115,
    store: 'sqlite',
    kills: 20,
    killEvery: 350,
    rate: 10,
  });
  console.log('twenty kills:', JSON.stringify(counts));
  expect(findings).toEqual([]);
  expect(kills).toBe(20);
  expect(counts.accepted).toBeGreaterThan(50);
  // Slack is asked and the sheet is read before anything is done again.
  expect(counts.repeats).toMatchObject({ slack: 0, sheet: 0 });
});
