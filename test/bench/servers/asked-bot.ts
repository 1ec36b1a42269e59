/* The whole bot with the starter rules, which is asked questions from within its own process and says how long each took. */
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { openStore, startApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config.ts';
import { why } from '../../../src/query/why.ts';
import type { Question } from '../bookings.ts';

const config = readConfig(process.env);
const { webhookUrl } = await startApp(config, pino({ level: 'silent' }));
const store = await openStore(config);

const ask = async (question: Question): Promise<number> => {
  const begun = performance.now();
  if (question.kind === 'why') await why(store, question.id, Date.now());
  else await store.search(question.query, { limit: 11, offset: question.offset });
  return performance.now() - begun;
};

process.on('message', async (asked: readonly Question[]) => {
  const times: number[] = [];
  for (const question of asked) {
    times.push(await ask(question));
    await pause(5);
  }
  process.send?.(times);
});
process.send?.(webhookUrl);
