import { silentLog } from '../../../src/runtime/log.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';

/*
 * A process on the store that takes all there is to route, claims all mails that are due, says so, and then does nothing
 * until it is killed: `node program.ts URL NOW`.
 */

const [url = '', now = '0'] = process.argv.slice(2);
const announce = { within: async () => {}, soon: () => {} };
const store = await openPostgresStore(url, { announce, log: silentLog() });
const webhooks = await store.unrouted(1_000);
const due = await store.due('email', Number(now), 1_000);
const claims = await store.claim(
  due.map(({ id }) => id),
  Number(now),
);
process.stdout.write(`${webhooks.length} ${claims.length}\n`);
