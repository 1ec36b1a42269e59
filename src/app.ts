import { pausesLeft } from './app/alerts.ts';
import { channelsOf } from './app/channels.ts';
import type { Finding } from './app/doctor.ts';
import { openFacts } from './app/facts.ts';
import { type Paths, pathsOf } from './app/paths.ts';
import { rerunDeps } from './app/rerun.ts';
import { type Role, receives, works } from './app/role.ts';
import { loadRules, refuseUnready, rulesInEffect, settingsOf } from './app/rules.ts';
import { startSlackSide, watchSlackChannels } from './app/slack.ts';
import { openStorage } from './app/storage.ts';
import { openTeamOf } from './app/team.ts';
import { tellWhatIsOn } from './app/tell.ts';
import { createWatch } from './app/watch.ts';
import { startWorking, tellDue } from './app/working.ts';
import type { Config, Faults } from './config.ts';
import type { Channel } from './deliver/channel.ts';
import { startHttpServer } from './http/server.ts';
import { startRetention } from './keep/retention.ts';
import { absentWebhookRouter } from './receive/absent.ts';
import { WEBHOOK_PATH, webhookRouter } from './receive/endpoint.ts';
import { createRejectionLog } from './receive/rejections.ts';
import { keptSecret } from './receive/secret.ts';
import { ensureRulesFile } from './route/rulebook.ts';
import { watchRulebook } from './route/watch.ts';
import type { Log } from './runtime/log.ts';
import { makeFolder } from './runtime/make-folder.ts';
import { createPressure } from './runtime/pressure.ts';
import { createSteadyClock } from './runtime/steady-clock.ts';
import { tidyAfterStart } from './runtime/tidy.ts';
import type { WebhookInbox } from './store/ports.ts';

export { databaseOf, holdBot, partsOf } from './app/backing.ts';
export type { Finding } from './app/doctor.ts';
export { scourStore, storeFile } from './app/kept.ts';
export { markMoved, refuseMoved } from './app/moved.ts';
export { moveTeam, openSource, openTarget } from './app/moving.ts';
export { type Paths, pathsOf } from './app/paths.ts';
export { openRerun } from './app/rerun.ts';
export { type Role, roleOf } from './app/role.ts';
export { loadRules, readChannelNames, readRules } from './app/rules.ts';
export { secretValues } from './app/secret-values.ts';
export { sendTestMail } from './app/send-test.ts';
export { withStarterRules } from './app/starter.ts';
export { openStore } from './app/storage.ts';

/** Checks everything that can be checked, see app/doctor.ts. Loaded on demand: a running bot never needs it. */
export const examineAll = async (config: Config, faults: Faults): Promise<readonly Finding[]> => {
  const doctor = await import('./app/doctor.ts');
  return doctor.examineAll(config, faults);
};

export type RunningApp = {
  /** The endpoint for webhooks, on this machine. */
  readonly webhookUrl: string;
  readonly secrets: readonly string[];
  readonly paths: Paths;
  /** Finishes or hands back what is under way, within ten seconds, and closes everything. */
  stop(): Promise<void>;
};

/**
 * Starts the bot, or with a role other than `all` one of its processes. If starting fails half-way, closes what was opened.
 */
export const startApp = async (
  config: Config,
  log: Log,
  { role = 'all' }: { readonly role?: Role } = {},
): Promise<RunningApp> => {
  await using building = new AsyncDisposableStack();
  const paths = pathsOf(config);
  const watch = createWatch(config);
  await makeFolder(paths.data);
  await ensureRulesFile(paths.rules);
  const rulebook = building.use(
    await watchRulebook({
      load: () => loadRules(config),
      watched: [paths.rules, paths.templates],
      checkFirst: (first) => refuseUnready(config, first, role),
      onProblems: watch.onProblems,
      log,
    }),
  );
  const storage = building.use(await openStorage(config, role, log));
  const store = watch.store(storage.store);
  const { clock: now } = storage;
  const steady = createSteadyClock(now);
  const team = building.use(await openTeamOf(config, storage, log));
  const rules = rulesInEffect(config, rulebook.current, team);

  const pressure = createPressure(() => performance.now());
  if (config.retentionDays !== undefined && works(role)) {
    building.use(startRetention({ store: storage.store, days: config.retentionDays, pressure, now, log }));
  }
  const broken = building.use(watchSlackChannels(config, { store, team, rules, now, log }));
  const facts = openFacts(config, { log, now, onAnswer: watch.metrics.apiAnswered });
  if (facts) building.use(facts);
  const channels = watch.channels(
    channelsOf(config, {
      facts,
      templates: () => rulebook.current().templates,
      store,
      team: team.current,
      onChannel: broken.report,
      now: steady,
      clock: now,
    }),
  );
  const settings = settingsOf(config);
  const { slackChannel } = config;
  const { signals, shared } = storage;
  const deps = { shared, store, channels, rules: rules.all, settings, slackChannel, pressure, now: steady, log };
  // In a shared store pauses outlive a start, since other processes obey them; otherwise the deliverer is about to lift them.
  const left = shared ? [] : await pausesLeft(store);
  const working = signals && building.use(await startWorking({ ...deps, signals }));
  if (!working) building.defer(() => closeAll(channels));

  const rejections = building.use(createRejectionLog(store, log));
  const slack = building.use(
    await startSlackSide(config, role, {
      store,
      team,
      rules,
      rerun: rerunDeps(config, store, rules.all, channels),
      onDue: () => tellDue(working, storage),
      onRejected: rejections.add,
      now,
      log,
    }),
  );
  watch.metrics.slack(() => slack.connected?.());
  building.use(watch.alerting({ store, team: team.current, cut: () => slack.cut?.(), left, now, log }));
  const inbox: Pick<WebhookInbox, 'accept'> = { accept: (webhook) => pressure.during(store.accept(webhook)) };
  const secrets = await secretsOf(config, role);
  const receiver = receives(role)
    ? webhookRouter({ inbox, rejections, secrets, now, onAccepted: () => working?.wakeRouter(), log })
    : absentWebhookRouter('This process is a worker (--role worker) and takes no webhooks: send them to a receiver.');
  const routers = [receiver, slack.router, ...watch.routers(store, now)];
  const server = building.use(await startHttpServer({ ...config, routers, log }));

  const webhookUrl = `${server.url}${WEBHOOK_PATH}`;
  tellWhatIsOn(config, { role, store: storage.name, url: server.url, webhookUrl, secrets }, log);
  building.use(tidyAfterStart({ pressure }));
  const running = building.move();
  const stop = (): Promise<void> => {
    watch.stopping();
    return running.disposeAsync();
  };
  return { webhookUrl, secrets, paths, stop };
};

/** The webhook secrets that this role needs: none for a worker, which checks no signatures. */
const secretsOf = async (config: Config, role: Role): Promise<readonly string[]> => {
  if (!receives(role)) return [];
  return config.webhookSecrets.length > 0 ? config.webhookSecrets : [await keptSecret(pathsOf(config).data)];
};

const closeAll = async (channels: readonly Channel[]): Promise<void> => {
  await Promise.all(channels.map((channel) => channel.close?.()));
};
