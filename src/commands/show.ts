import { showText } from '../query/cli/show.ts';
import { show as ask } from '../query/show.ts';
import { command } from './command.ts';
import { print } from './context.ts';
import { withStore } from './with-store.ts';

export const show = command({
  name: 'show',
  summary: 'show one booking, event or registration and its webhooks',
  args: 'ID',
  count: [1, 1],
  options: {},
  json: true,
  more: ['ID is that of a booking, event or registration, or of one of its webhooks or deliveries.'],
  examples: ['show bk_xyz789'],
  run: async ({ args: [id = ''] }, context) => {
    const answer = await withStore(context, (store) => ask(store, id, context.now()));
    print(context, answer, showText);
    return answer.found ? 0 : 1;
  },
});
