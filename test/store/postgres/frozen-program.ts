import { once } from 'node:events';
import { silentLog } from '../../../src/runtime/log.ts';
import { createWake } from '../../../src/runtime/wake.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';

/*
 * A process on the store that has the turn at Slack and claims all mails that are due, says so, and when it is told to go on
 * settles them as done and says what it takes for its own by then: `node frozen-program.ts URL NOW`.
 */

const [url = '', time = '0'] = process.argv.slice(2);
const now = Number(time);
const say = (what: unknown): unknown => process.stdout.write(`${JSON.stringify(what)}\n`);
const store = await openPostgresStore(url, {
  announce: { within: async () => {}, soon: () => {} },
  log: silentLog(),
});
const elected = store.elect(['slack']);
const turn = createWake();
elected.onTurn('slack', turn.wake);
await turn.sleep(30_000);
const due = await store.due('email', now, 10);
const claimedAt = performance.now();
const claims = await store.claim(
  due.map(({ id }) => id),
  now,
);
say({ mine: elected.mine('slack'), claims: claims.length });

await once(process.stdin, 'data');
const held = store.holds(claimedAt);
const settle = async (): Promise<void> => {
  for (const { id, attempt } of claims) {
    await store.settle({ id, attempt, at: now, outcome: { status: 'done', receipt: { summary: 'Late' } } });
  }
};
// Its connections may have been ended, as the bot finds out too.
while (
  !(await settle().then(
    () => true,
    () => false,
  ))
);
say({ held });
