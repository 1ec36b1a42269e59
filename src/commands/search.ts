import { searchText } from '../query/cli/search.ts';
import { visible } from '../query/cli/visible.ts';
import { search as ask } from '../query/search.ts';
import { parseSearch } from '../query/search-syntax.ts';
import { command, UsageError } from './command.ts';
import { print } from './context.ts';
import { pageOf, pageOptions } from './page-options.ts';
import { withStore } from './with-store.ts';

export const search = command({
  name: 'search',
  summary: 'find bookings, events and registrations',
  args: 'WORDS…',
  count: [1, Number.POSITIVE_INFINITY],
  options: pageOptions(20),
  json: true,
  more: [
    'Finds what has every word in a name, mail address, title, phone number or id. Case and accents do not matter, and parts of words are enough. Newest first.',
    'Filters stand anywhere between the words. status:pending, in any case. schedule:sch_abc123. type:booking, or the type of the newest webhook, such as type:booking.cancelled. after:DAY takes place on that day or later, before:DAY before it; a day is 2027-02-15, today, tomorrow, yesterday, or this-week, next-week, last-week for its Monday, all in TIMEZONE. What has a colon and is no filter is a word.',
  ],
  examples: [
    'search anna',
    'search müller status:pending after:this-week before:next-week',
    'search type:booking.cancelled after:2027-02-01 --limit 50',
  ],
  run: async ({ values, args }, context) => {
    const page = pageOf(values, { name: 'search', usual: 20 });
    const here = { now: context.now(), timezone: context.config().timezone };
    const parsed = parseSearch(args.map(asTyped).join(' '), here);
    if ('problem' in parsed) throw new UsageError(problemText(parsed), 'search');
    const answer = await withStore(context, (store) => ask(store, parsed.query, page));
    print(context, answer, searchText);
    return answer.resources.length > 0 ? 0 : 1;
  },
});

const problemText = ({ problem, meant }: { readonly problem: string; readonly meant: string | null }): string =>
  meant === null ? problem : `${problem}\nDid you mean: search ${visible(meant)}`;

/** Puts back the quotes, removed by the shell, around a value with spaces: `status:"no show"`. If quotes are left, all are. */
const asTyped = (word: string): string => {
  const [, name, value = ''] = /^(\w+:)([^"]*\s[^"]*)$/.exec(word) ?? [];
  return name === undefined ? word : `${name}"${value}"`;
};
