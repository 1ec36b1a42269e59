import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BOTH, type Fault } from './fault.ts';

const PRELOAD = resolve(import.meta.dirname, '../shifted-clock.ts');
const FILE = 'clock-shift';
const HOUR = 3_600_000;

const clockFault = (name: string, what: string, shift: number): Fault => ({
  name,
  what,
  stores: BOTH,
  lasts: 5_000,
  async prepare(dataDir) {
    return { preload: [PRELOAD], env: { CHAOS_CLOCK_FILE: join(dataDir, FILE) }, undo: async () => {} };
  },
  async begin({ dataDir }) {
    const file = join(dataDir, FILE);
    await writeFile(file, String(shift));
    return () => writeFile(file, '0');
  },
  // While it lasts, webhooks are received an hour before or after their time.
  felt({ stored }) {
    const times = [...stored.values()].flat().map(({ receivedAt }) => receivedAt);
    return Math.max(...times) - Math.min(...times) > HOUR / 2;
  },
  expects: { wrongClock: true },
});

export const CLOCK_FAULTS: readonly Fault[] = [
  clockFault('clock-ahead', 'the clock jumps an hour ahead, and back', HOUR),
  clockFault('clock-behind', 'the clock jumps an hour back, and ahead again', -HOUR),
];
