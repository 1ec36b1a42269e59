import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../config.ts';
import type { Look } from '../../query/cli/look.ts';
import { ensureRulesFile } from '../../route/rulebook.ts';
import { silentLog } from '../../runtime/log.ts';
import { command } from '../command.ts';
import { type Context, createContext, print } from '../context.ts';
import { createPoster } from '../post.ts';
import { dayBefore } from './day.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import { play } from './play.ts';
import { demoText } from './report.ts';

const WIDTH = 100;

export const demo = command({
  name: 'demo',
  summary: 'see the bot at work on a made-up day, without any set-up',
  args: '',
  count: [0, 0],
  options: {},
  json: true,
  more: [
    'Starts a bot of its own with the starter rules in a temporary folder, sends it a day of signed webhooks over HTTP, and\nshows what came of them. Mails and Slack posts become files; nothing leaves this machine. The folder is kept.',
  ],
  examples: ['demo'],
  run: async (_, context) => {
    const outcome = await runDay(context);
    print(inItsZone(context), outcome, (answer, look) => demoText(answer, narrow(look)));
    return 0;
  },
});

/** Of the real bot's settings, only those for formatting are used. */
const inItsZone = (context: Context): Context => {
  const { TIMEZONE, LOCALE, NO_COLOR, TERM } = context.env;
  return createContext({ TIMEZONE, LOCALE, NO_COLOR, TERM }, context, context);
};

const narrow = (look: Look): Look => ({ ...look, width: Math.min(look.width ?? WIDTH, WIDTH) });

/** Writes the starter rules without the holds of mails, for which nobody would want to wait. */
const writeRulesWithoutHolds = async (file: string): Promise<void> => {
  await ensureRulesFile(file);
  await writeFile(file, (await readFile(file, 'utf8')).replace(/, hold: \d+/g, ''));
};

const runDay = async (context: Context): Promise<Outcome> => {
  const { err, now } = context;
  const progress = (text: string): void => {
    if (err.isTTY) err.write(text === '' ? '\r\x1b[K' : `\r\x1b[K${text} …`);
  };
  progress('starting a bot');
  const { openStore, pathsOf, startApp } = await import('../../app.ts');
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-demo-'));
  const { env } = inItsZone(context);
  const config = readConfig({ ...env, DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' });
  await writeRulesWithoutHolds(pathsOf(config).rules);

  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => progress(''));
  const app = await startApp(config, silentLog());
  const stopping = cleanup.adopt(app, (running) => running.stop());
  const store = cleanup.use(await openStore(config));
  const url = new URL(stopping.webhookUrl);
  const poster = (secret: string) =>
    cleanup.adopt(createPoster({ url, secret, connections: 1 }), (open) => open.close());
  const played = await play(dayBefore(now()), {
    genuine: poster(stopping.secrets[0] ?? ''),
    forger: poster('not-the-secret'),
    store,
    progress,
  });
  return await readOutcome(played, pathsOf(config), store, now());
};
