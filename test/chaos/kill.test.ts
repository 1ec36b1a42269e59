import { expect, test } from 'vitest';
import { killAndAudit } from './kill.ts';

test('twenty kills under load lose nothing, leave nothing undone and repeat no more than was under way', {
  timeout: 240_000,
}, async () => {
  const counts = await killAndAudit({ kills: 20, seed: 20_270_115, log: () => {} });
  console.log('twenty kills:', JSON.stringify(counts));
  expect(counts.faults).toEqual([]);
  expect(counts.accepted).toBeGreaterThan(50);
  // Slack is asked and the sheet is read before anything is done again.
  expect(counts.repeats).toMatchObject({ slack: 0, sheet: 0 });
});
