import { retriedText, retryText } from '../query/cli/retry.ts';
import { retry as ask, retryAll } from '../query/retry.ts';
import { account } from './account.ts';
import { command, UsageError } from './command.ts';
import { printNamed, withStore } from './with-store.ts';

export const retry = command({
  name: 'retry',
  summary: 'try again now what is dead or waits',
  args: 'ID',
  count: [0, 1],
  options: { all: { type: 'boolean', help: 'everything that is dead or waits after a failed try' } },
  json: true,
  more: [
    'ID is that of a delivery, or of a webhook, booking, event or registration for all of its deliveries. What reached its destination is never sent again by this. A running bot takes it up at once, a stopped one after its next start.',
  ],
  examples: ['retry bk_xyz789', 'retry --all'],
  run: async ({ values: { all }, args: [id] }, context) => {
    if ((all === true) === (id !== undefined)) throw new UsageError('retry takes either an ID or --all.', 'retry');
    if (id === undefined) {
      const answer = await withStore(context, (store) => retryAll(store, account(), store.clock()));
      await printNamed(context, answer, retriedText);
      return 0;
    }
    const answer = await withStore(context, (store) => ask(store, id, account(), store.clock()));
    await printNamed(context, answer, retryText);
    return answer.retried.length + answer.more > 0 ? 0 : 1;
  },
});
