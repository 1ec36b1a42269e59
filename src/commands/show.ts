import { showText } from '../query/cli/show.ts';
import { togetherText } from '../query/cli/together.ts';
import { show as ask } from '../query/show.ts';
import { isTogetherId, together } from '../query/together.ts';
import { command } from './command.ts';
import { print } from './context.ts';
import { pageOf, pageOptions } from './page-options.ts';
import { printNamed, withStore } from './with-store.ts';

export const show = command({
  name: 'show',
  summary: 'show one booking, event or registration and its webhooks',
  args: 'ID',
  count: [1, 1],
  options: pageOptions(50, 'of a summary: '),
  json: true,
  more: [
    'ID is that of a booking, event or registration, of one of its webhooks or deliveries, or of a summary in Slack (sum_…), for all that it told together.',
  ],
  examples: ['show bk_xyz789', 'show sum_abc123 --limit 200'],
  run: async ({ values, args: [id = ''] }, context) => {
    const page = pageOf(values, { name: 'show', usual: 50 });
    if (isTogetherId(id)) {
      const told = await withStore(context, (store) => together(store, id, page));
      print(context, told, togetherText);
      return told.deliveries.length > 0 ? 0 : 1;
    }
    const answer = await withStore(context, (store) => ask(store, id, store.clock()));
    await printNamed(context, answer, showText);
    return answer.found ? 0 : 1;
  },
});
