import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import type { ClaimedDelivery } from './core/delivery.ts';
import { OperatorError } from './core/errors.ts';
import { describeProblem } from './core/problem.ts';
import type { ActionKind } from './core/rule.ts';
import type { Channel } from './deliver/channel.ts';
import { startDeliverer } from './deliver/deliverer.ts';
import { createEmailChannel } from './deliver/email/channel.ts';
import { createSmtpTransport } from './deliver/email/smtp.ts';
import { createMailOutbox } from './deliver/outbox/mail.ts';
import { createSlackOutbox } from './deliver/outbox/slack.ts';
import { createSheetChannel } from './deliver/sheet/channel.ts';
import { createSlackChannel } from './deliver/slack/channel.ts';
import { healthRouter } from './http/health.ts';
import { startHttpServer } from './http/server.ts';
import { WEBHOOK_PATH, webhookRouter } from './receive/endpoint.ts';
import { createRejectionLog } from './receive/rejections.ts';
import { keptSecret, secretFile } from './receive/secret.ts';
import { startRouter } from './route/router.ts';
import { ensureRulesFile, loadRulebook, type Rulebook } from './route/rulebook.ts';
import { watchRulebook } from './route/watch.ts';
import type { Log } from './runtime/log.ts';
import { createPressure } from './runtime/pressure.ts';
import type { Store } from './store/ports.ts';
import { openSqliteStore } from './store/sqlite/store.ts';
import type { TemplateLibrary } from './template/library.ts';
import { loadTemplates } from './template/load.ts';
import { type View, type ViewSettings, viewOf } from './template/view.ts';

/** Everything in DATA_DIR and beside it, by absolute path. */
export type Paths = {
  readonly data: string;
  readonly database: string;
  readonly rules: string;
  readonly templates: string;
  readonly sheets: string;
  readonly mailOutbox: string;
  readonly slackOutbox: string;
};

export type RunningApp = {
  /** Where webhooks are posted to, on this machine. */
  readonly webhookUrl: string;
  readonly secrets: readonly string[];
  readonly paths: Paths;
  /** Finishes or hands back what is under way, within ten seconds, and closes everything. */
  stop(): Promise<void>;
};

export const pathsOf = (config: Config): Paths => {
  const data = resolve(config.dataDir);
  return {
    data,
    database: join(data, 'webkasa-bot.db'),
    rules: config.rulesFile ? resolve(config.rulesFile) : join(data, 'rules.yaml'),
    templates: config.templatesDir
      ? resolve(config.templatesDir)
      : fileURLToPath(new URL('../templates', import.meta.url)),
    sheets: join(data, 'sheets'),
    mailOutbox: join(data, 'outbox', 'mail'),
    slackOutbox: join(data, 'outbox', 'slack'),
  };
};

/** Opens the store alone, for the questions of the command line. */
export const openStore = (config: Config): Promise<Store> => openSqliteStore(pathsOf(config).database);

/** Loads rules and templates once, with every problem in them. */
export const loadRules = async (config: Config): Promise<Awaited<ReturnType<typeof loadRulebook>>> => {
  const paths = pathsOf(config);
  const templates = await loadTemplates(paths.templates);
  return loadRulebook({
    rulesFile: paths.rules,
    templates,
    settings: settingsOf(config),
    slackChannel: config.slackChannel,
    missingChannels: missingChannels(config),
  });
};

/** Starts the whole bot. What was opened before something failed is closed again. */
export const startApp = async (config: Config, log: Log): Promise<RunningApp> => {
  await using building = new AsyncDisposableStack();
  const paths = pathsOf(config);
  const now = Date.now;
  await mkdir(paths.data, { recursive: true });
  await ensureRulesFile(paths.rules);
  const rules = building.use(
    await watchRulebook({
      load: () => loadRules(config),
      watched: [paths.rules, paths.templates],
      checkFirst: (first) => refuseUnready(config, first),
      log,
    }),
  );

  const secrets = config.webhookSecrets.length > 0 ? config.webhookSecrets : [await keptSecret(paths.data)];
  // Handled by nobody on purpose: a bot that can't write would refuse every webhook, so the process ends and starts afresh.
  const onFault = (error: Error): never => {
    throw error;
  };
  const store = building.use(await openSqliteStore(paths.database, { alone: true, onFault }));

  const pressure = createPressure(now);
  const channels = channelsOf(config, paths, rules);
  const deliverer = building.use(await startDeliverer({ store, channels, now, random: Math.random, pressure, log }));
  const router = building.use(
    startRouter({
      store,
      rulebook: rules.current,
      settings: settingsOf(config),
      slackChannel: config.slackChannel,
      pressure,
      onPlanned: deliverer.wake,
      now,
      log,
    }),
  );
  const rejections = building.use(createRejectionLog(store, log));
  const onAccepted = (): void => {
    pressure.note();
    router.wake();
  };
  const receiver = webhookRouter({ inbox: store, rejections, secrets, now, onAccepted, log });
  const server = building.use(await startHttpServer({ ...config, routers: [receiver, healthRouter(store, now)], log }));

  const webhookUrl = `${server.url}${WEBHOOK_PATH}`;
  tellWhatIsOn(config, paths, webhookUrl, secrets, log);
  const running = building.move();
  return { webhookUrl, secrets, paths, stop: () => running.disposeAsync() };
};

const settingsOf = (config: Config): ViewSettings => ({
  timezone: config.timezone,
  locale: config.locale,
  public_url: config.publicUrl,
});

/** Channels that rules may not use: in production, those that are not configured; else the outbox stands in. */
const missingChannels = (config: Config): ReadonlyMap<ActionKind, string> => {
  const missing = new Map<ActionKind, string>();
  if (config.production && !config.mail) missing.set('email', 'set SMTP_URL and MAIL_FROM');
  if (config.production && !config.slack) missing.set('slack', 'set SLACK_BOT_TOKEN');
  return missing;
};

/** Names at once all that keeps the bot from starting; in production, where nothing is made up, also what is missing. */
const refuseUnready = (config: Config, { rulebook, problems }: Awaited<ReturnType<typeof loadRules>>): void => {
  const found = problems.filter(({ severity }) => severity === 'error').map(describeProblem);
  if (config.production && config.webhookSecrets.length === 0) {
    found.unshift('WEBKASA_WEBHOOK_SECRET is missing: set it to the secret that WebKasa shows beside the endpoint');
  }
  if (rulebook && found.length === 0) return;
  throw new OperatorError(`The bot can't start:\n${found.map((problem) => `  - ${problem}`).join('\n')}`, {
    remedy: 'Mend them and start again; `npm run cli -- check` looks at the rules and templates without starting.',
  });
};

const channelsOf = (config: Config, paths: Paths, rules: { current(): Rulebook }): Channel[] => {
  const settings = settingsOf(config);
  const templates = (): TemplateLibrary => rules.current().templates;
  const view = (delivery: ClaimedDelivery): View => viewOf(delivery.webhook, delivery, settings);
  const from = config.mailFrom ?? 'Bookings <bookings@localhost>';
  const email = { from, replyTo: config.mailReplyTo, templates: () => templates().email, view };
  const slack = { templates: () => templates().slack, view };
  const channels: Channel[] = [createSheetChannel({ folder: paths.sheets })];
  if (config.mail) channels.push(createEmailChannel({ ...email, transport: createSmtpTransport(config.mail.smtpUrl) }));
  else if (!config.production)
    channels.push(createEmailChannel({ ...email, transport: createMailOutbox(paths.mailOutbox) }));
  if (config.slack) channels.push(createSlackChannel({ ...slack, ...config.slack, now: Date.now }));
  else if (!config.production) channels.push(createSlackOutbox({ ...slack, folder: paths.slackOutbox }));
  return channels;
};

const tellWhatIsOn = (config: Config, paths: Paths, webhookUrl: string, secrets: readonly string[], log: Log): void => {
  log.info(`webhooks are received at ${webhookUrl}`);
  if (config.webhookSecrets.length === 0) {
    log.info(`the webhook secret, made for you and kept in ${secretFile(paths.data)}: ${secrets[0]}`);
  }
  log.info(`rules: ${paths.rules}`);
  const instead = (what: string, folder: string): string => (config.production ? '' : `, ${what} land in ${folder}`);
  log.info(config.mail ? 'mail: by SMTP' : `mail: not configured${instead('mails', paths.mailOutbox)}`);
  log.info(config.slack ? 'Slack: connected by token' : `Slack: not configured${instead('posts', paths.slackOutbox)}`);
  log.info(`sheets: ${paths.sheets}`);
};
