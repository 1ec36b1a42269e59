import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

const DOWN = 2_000;

/** As the kernel kills it where memory runs out: without a word, in the middle of transactions. */
const killed: Fault = {
  name: 'postgres-killed',
  what: 'PostgreSQL is killed, and started again two seconds later; twice',
  stores: ['postgres'],
  lasts: 6_000,
  async begin({ postgres }) {
    await postgres?.kill();
    await pause(DOWN);
    await postgres?.start();
    const second = pause(DOWN).then(() => postgres?.kill());
    return async () => {
      await second;
      await postgres?.start();
    };
  },
  felt: ({ answers }) => (answers.get(503) ?? 0) > 0,
};

export const POSTGRES_FAULTS: readonly Fault[] = [killed];
