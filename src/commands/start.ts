import { OperatorError } from '../core/errors.ts';
import { createLog } from '../runtime/log.ts';
import { stopOnSignals } from '../runtime/shutdown.ts';
import { command, UsageError } from './command.ts';

export const start = command({
  name: 'start',
  summary: 'run the bot until it is stopped',
  args: '',
  count: [0, 0],
  options: {
    role: {
      type: 'string',
      value: 'ROLE',
      help: 'receiver, worker or all (default)',
    },
  },
  json: false,
  more: [
    'Ctrl-C or SIGTERM stops it in order: what is under way is finished or goes on after the next start.',
    'With DATABASE_URL any number of processes work together: receivers take webhooks and what Slack sends over HTTP, workers decide and deliver.',
  ],
  examples: ['start', 'start --role receiver', 'start --role worker'],
  run: async ({ values }, { config }) => {
    const { roleOf, secretValues, startApp } = await import('../app.ts');
    const role = asUsage(() => roleOf(values.role ?? 'all'));
    const settings = config();
    const { logLevel: level, production } = settings;
    const log = createLog({ level, production, secrets: secretValues(settings) });
    const starting = startApp(settings, log, { role });
    // Installed before the start is complete, so that a signal during it also stops the bot in order.
    stopOnSignals(async () => (await starting).stop(), log);
    await starting;
    return 0;
  },
});

/** Nobody but whoever typed the command can mend it. */
const asUsage = <Read>(read: () => Read): Read => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new UsageError([error.message, error.remedy].filter(Boolean).join('\n'), 'start');
  }
};
