import { searchText } from '../query/cli/search.ts';
import { search as ask } from '../query/search.ts';
import { command, wholeNumber } from './command.ts';
import { print } from './context.ts';
import { withStore } from './with-store.ts';

export const search = command({
  name: 'search',
  summary: 'find bookings, events and registrations',
  args: 'WORDS…',
  count: [1, Number.POSITIVE_INFINITY],
  options: {
    limit: { type: 'string', value: 'N', help: 'how many to show (20)' },
    offset: { type: 'string', value: 'N', help: 'how many to pass over (0)' },
  },
  json: true,
  more: [
    'Finds what has every word in a name, mail address, title, phone number or id. Case and accents do not matter, and parts of words are enough. Newest first.',
  ],
  examples: ['search anna', 'search "müller sch_abc123" --limit 50'],
  run: async ({ values, args }, context) => {
    const limit = wholeNumber(values.limit, 20, { name: 'search', option: 'limit', least: 1 });
    const offset = wholeNumber(values.offset, 0, { name: 'search', option: 'offset', least: 0 });
    const answer = await withStore(context, (store) => ask(store, args.join(' '), { limit, offset }));
    print(context, answer, searchText);
    return answer.resources.length > 0 ? 0 : 1;
  },
});
