import { createLog } from '../runtime/log.ts';
import { stopOnSignals } from '../runtime/shutdown.ts';
import { command } from './command.ts';

export const start = command({
  name: 'start',
  summary: 'run the bot until it is stopped',
  args: '',
  count: [0, 0],
  options: {},
  json: false,
  more: ['Ctrl-C or SIGTERM stops it in order: what is under way is finished or goes on after the next start.'],
  examples: ['start'],
  run: async (_, { config }) => {
    const settings = config();
    const { startApp } = await import('../app.ts');
    const log = createLog({ level: settings.logLevel, production: settings.production });
    const starting = startApp(settings, log);
    // From the beginning, so that a signal that comes while it starts stops it in order too.
    stopOnSignals(async () => (await starting).stop(), log);
    await starting;
    return 0;
  },
});
