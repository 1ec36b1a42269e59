import { failedText } from '../query/cli/failed.ts';
import { failed as ask } from '../query/failed.ts';
import { command } from './command.ts';
import { printNamed, withStore } from './with-store.ts';

export const failed = command({
  name: 'failed',
  summary: 'list what did not get through, by cause',
  args: '',
  count: [0, 0],
  options: {},
  json: true,
  more: ['Channels that are paused come first, then deliveries by cause, then requests that were refused lately.'],
  examples: ['failed'],
  run: async (_, context) => {
    const answer = await withStore(context, (store) => ask(store, store.clock()));
    await printNamed(context, answer, failedText);
    return 0;
  },
});
