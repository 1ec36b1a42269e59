import { type AgendaAnswer, agenda } from '../query/agenda.ts';
import { agendaText } from '../query/cli/agenda.ts';
import { type Command, command, wholeNumber } from './command.ts';
import { print } from './context.ts';
import { withStore } from './with-store.ts';

const agendaCommand = (name: AgendaAnswer['span'], summary: string, more: string): Command =>
  command({
    name,
    summary,
    args: '',
    count: [0, 0],
    options: {
      limit: { type: 'string', value: 'N', help: 'how many to show (50)' },
      offset: { type: 'string', value: 'N', help: 'how many to pass over (0)' },
    },
    json: true,
    more: [`${more} Days are those of TIMEZONE; what is cancelled is counted, not listed.`],
    examples: [name],
    run: async ({ values }, context) => {
      const limit = wholeNumber(values.limit, 50, { name, option: 'limit', least: 1 });
      const offset = wholeNumber(values.offset, 0, { name, option: 'offset', least: 0 });
      const here = { now: context.now(), timezone: context.config().timezone };
      print(context, await withStore(context, (store) => agenda(store, name, here, { limit, offset })), agendaText);
      return 0;
    },
  });

export const today = agendaCommand(
  'today',
  'list what takes place today',
  'Lists bookings and events that start today, also those that have begun.',
);

export const upcoming = agendaCommand(
  'upcoming',
  'list what takes place within a week',
  'Lists bookings and events that start between now and the end of the seventh day after today.',
);
