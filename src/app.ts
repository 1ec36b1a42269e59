import { mkdir } from 'node:fs/promises';
import { channelsOf } from './app/channels.ts';
import { openFacts } from './app/facts.ts';
import { type Paths, pathsOf } from './app/paths.ts';
import { rerunDeps } from './app/rerun.ts';
import { loadRules, refuseUnready, rulesInEffect, settingsOf } from './app/rules.ts';
import { startSlackSide, watchSlackChannels } from './app/slack.ts';
import { tellWhatIsOn } from './app/tell.ts';
import { createWatch } from './app/watch.ts';
import type { Config } from './config.ts';
import { startDeliverer } from './deliver/deliverer.ts';
import { startHttpServer } from './http/server.ts';
import { startRetention } from './keep/retention.ts';
import { WEBHOOK_PATH, webhookRouter } from './receive/endpoint.ts';
import { createRejectionLog } from './receive/rejections.ts';
import { keptSecret } from './receive/secret.ts';
import { startRouter } from './route/router.ts';
import { ensureRulesFile } from './route/rulebook.ts';
import { watchRulebook } from './route/watch.ts';
import type { Log } from './runtime/log.ts';
import { createPressure } from './runtime/pressure.ts';
import type { KeepingStore } from './store/keeping-ports.ts';
import type { Store } from './store/ports.ts';
import {
  checkStoreFile,
  compactStoreFile,
  copyStoreFile,
  lockStoreFile,
  scourStoreFile,
} from './store/sqlite/keeping-file.ts';
import { openSqliteStore } from './store/sqlite/store.ts';
import { openTeam } from './team/open.ts';

export { type Paths, pathsOf } from './app/paths.ts';
export { openRerun } from './app/rerun.ts';
export { loadRules, readChannelNames, readRules } from './app/rules.ts';
export { sendTestMail } from './app/send-test.ts';

export type RunningApp = {
  /** Where webhooks are posted to, on this machine. */
  readonly webhookUrl: string;
  readonly secrets: readonly string[];
  readonly paths: Paths;
  /** Finishes or hands back what is under way, within ten seconds, and closes everything. */
  stop(): Promise<void>;
};

/** Opens the store alone, for the questions of the command line. */
export const openStore = (config: Config): Promise<Store> => openSqliteStore(pathsOf(config).database);

/** Opens the store for what sees to all that is kept: erasing, forgetting, moving. */
export const openKeepingStore = (config: Config): Promise<Store & KeepingStore> =>
  openSqliteStore(pathsOf(config).database);

/** The files of a SQLite store, and what is done to them as a whole; see store/sqlite/keeping-file.ts. */
export const storeFile = (config: Config) => {
  const file = pathsOf(config).database;
  return {
    file,
    names: [file, `${file}-wal`, `${file}-shm`, `${file}.lock`],
    lock: () => lockStoreFile(file),
    copy: (to: string) => copyStoreFile(file, to),
    check: checkStoreFile,
    compact: () => compactStoreFile(file),
    scour: () => scourStoreFile(file),
  };
};

/** Starts the whole bot. What was opened before something failed is closed again. */
export const startApp = async (config: Config, log: Log): Promise<RunningApp> => {
  await using building = new AsyncDisposableStack();
  const paths = pathsOf(config);
  const now = Date.now;
  const watch = createWatch(config);
  await mkdir(paths.data, { recursive: true });
  await ensureRulesFile(paths.rules);
  const rulebook = building.use(
    await watchRulebook({
      load: () => loadRules(config),
      watched: [paths.rules, paths.templates],
      checkFirst: (first) => refuseUnready(config, first),
      onProblems: watch.onProblems,
      log,
    }),
  );
  const team = building.use(await openTeam({ file: paths.team, log }));
  const rules = rulesInEffect(config, rulebook.current, team);

  const secrets = config.webhookSecrets.length > 0 ? config.webhookSecrets : [await keptSecret(paths.data)];
  // Handled by nobody on purpose: a bot that can't write would refuse every webhook, so the process ends and starts afresh.
  const onFault = (error: Error): never => {
    throw error;
  };
  const kept = building.use(await openSqliteStore(paths.database, { alone: true, onFault }));
  const store = watch.store(kept);

  const pressure = createPressure(now);
  if (config.retentionDays !== undefined) {
    building.use(startRetention({ store: kept, days: config.retentionDays, pressure, now, log }));
  }
  const broken = building.use(watchSlackChannels(config, { team, rules, now, log }));
  const facts = openFacts(config, log, watch.metrics.apiAnswered);
  if (facts) building.use(facts);
  const channels = watch.channels(
    channelsOf(config, {
      facts,
      templates: () => rulebook.current().templates,
      store,
      team: team.current,
      onChannel: broken.report,
    }),
  );
  const deliverer = building.use(await startDeliverer({ store, channels, now, random: Math.random, pressure, log }));
  const router = building.use(
    startRouter({
      store,
      rulebook: () => ({ rules: rules.all() }),
      settings: settingsOf(config),
      slackChannel: config.slackChannel,
      pressure,
      onPlanned: deliverer.wake,
      now,
      log,
    }),
  );
  const rejections = building.use(createRejectionLog(store, log));
  const slack = building.use(
    startSlackSide(config, {
      store,
      team,
      rules,
      rerun: rerunDeps(config, store, rules.all, channels),
      onDue: deliverer.wake,
      onRejected: rejections.add,
      now,
      log,
    }),
  );
  const onAccepted = (): void => {
    pressure.note();
    router.wake();
  };
  building.use(watch.alerting({ store, team: team.current, now, log }));
  const receiver = webhookRouter({ inbox: store, rejections, secrets, now, onAccepted, log });
  const routers = [receiver, slack.router, ...watch.routers(store)];
  const server = building.use(await startHttpServer({ ...config, routers, log }));

  const webhookUrl = `${server.url}${WEBHOOK_PATH}`;
  tellWhatIsOn(config, webhookUrl, secrets, log);
  const running = building.move();
  const stop = (): Promise<void> => {
    watch.stopping();
    return running.disposeAsync();
  };
  return { webhookUrl, secrets, paths, stop };
};
