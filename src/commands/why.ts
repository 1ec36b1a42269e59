import { whyText } from '../query/cli/why.ts';
import { why as ask } from '../query/why.ts';
import { command } from './command.ts';
import { printNamed, withStore } from './with-store.ts';

export const why = command({
  name: 'why',
  summary: 'tell why something was done, or was not',
  args: 'ID',
  count: [1, 1],
  options: {},
  json: true,
  more: [
    'Tells the whole story of a booking, event, registration, webhook or delivery: what arrived and when, what each rule made of it and why, and every try to tell somebody, with the answer it got.',
  ],
  examples: ['why bk_xyz789', 'why wh_evt_abc123 --json'],
  run: async ({ args: [id = ''] }, context) => {
    const answer = await withStore(context, (store) => ask(store, id, store.clock()));
    await printNamed(context, answer, whyText);
    return answer.found ? 0 : 1;
  },
});
