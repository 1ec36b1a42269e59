import { showText } from '../query/cli/show.ts';
import { togetherText } from '../query/cli/together.ts';
import { show as ask } from '../query/show.ts';
import { isTogetherId, together } from '../query/together.ts';
import { command, wholeNumber } from './command.ts';
import { print } from './context.ts';
import { printNamed, withStore } from './with-store.ts';

export const show = command({
  name: 'show',
  summary: 'show one booking, event or registration and its webhooks',
  args: 'ID',
  count: [1, 1],
  options: {
    limit: { type: 'string', value: 'N', help: 'of a summary: how many to show (50)' },
    offset: { type: 'string', value: 'N', help: 'of a summary: how many to pass over (0)' },
  },
  json: true,
  more: [
    'ID is that of a booking, event or registration, of one of its webhooks or deliveries, or of a summary in Slack (sum_…), for all that it told together.',
  ],
  examples: ['show bk_xyz789', 'show sum_abc123 --limit 200'],
  run: async ({ values, args: [id = ''] }, context) => {
    const limit = wholeNumber(values.limit, 50, { name: 'show', option: 'limit', least: 1 });
    const offset = wholeNumber(values.offset, 0, { name: 'show', option: 'offset', least: 0 });
    if (isTogetherId(id)) {
      const told = await withStore(context, (store) => together(store, id, { limit, offset }));
      print(context, told, togetherText);
      return told.deliveries.length > 0 ? 0 : 1;
    }
    const answer = await withStore(context, (store) => ask(store, id, store.clock()));
    await printNamed(context, answer, showText);
    return answer.found ? 0 : 1;
  },
});
