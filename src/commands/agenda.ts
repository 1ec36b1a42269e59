import { type AgendaAnswer, agenda } from '../query/agenda.ts';
import { agendaText } from '../query/cli/agenda.ts';
import { type Command, command } from './command.ts';
import { print } from './context.ts';
import { pageOf, pageOptions } from './page-options.ts';
import { withStore } from './with-store.ts';

const agendaCommand = (name: AgendaAnswer['span'], summary: string, more: string): Command =>
  command({
    name,
    summary,
    args: '',
    count: [0, 0],
    options: pageOptions(50),
    json: true,
    more: [`${more} Days are those of TIMEZONE; what is cancelled is counted, not listed.`],
    examples: [name],
    run: async ({ values }, context) => {
      const page = pageOf(values, { name, usual: 50 });
      const here = { now: context.now(), timezone: context.config().timezone };
      print(context, await withStore(context, (store) => agenda(store, name, here, page)), agendaText);
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
