import { access, stat } from 'node:fs/promises';
import type { Config, Faults } from '../config.ts';
import { describeProblem } from '../core/problem.ts';
import type { Team } from '../core/team.ts';
import { EMPTY_TEAM } from '../core/team-changes.ts';
import { parseMailbox } from '../deliver/email/address.ts';
import { createSheetsApi } from '../deliver/sheet/google/api.ts';
import { readServiceAccount } from '../deliver/sheet/google/service-account.ts';
import type { Rulebook } from '../route/rulebook.ts';
import { atMost } from '../runtime/at-most.ts';
import { BOT_SCOPES } from '../slack/manifest.ts';
import { connectionTo } from '../store/postgres/connection.ts';
import { reachDatabase } from '../store/postgres/reach.ts';
import { readTeam } from '../team/open.ts';
import { certificateCheck } from '../watch/doctor/certificate.ts';
import { type Check, examine, type Finding, type Found, ok, problem, warning } from '../watch/doctor/check.ts';
import { createClockWatch } from '../watch/doctor/clock.ts';
import { googleCheck } from '../watch/doctor/google.ts';
import { senderFinding, smtpCheck } from '../watch/doctor/mail.ts';
import { postgresCheck } from '../watch/doctor/postgres.ts';
import { folderCheck, secretFindings, sizeOf } from '../watch/doctor/settings.ts';
import { slackChecks } from '../watch/doctor/slack.ts';
import { troubleFindings } from '../watch/doctor/trouble.ts';
import { addressCheck, webkasaCheck } from '../watch/doctor/web.ts';
import { namedChannels, namedSpreadsheets } from './doctor-named.ts';
import { storeFile } from './kept.ts';
import { pathsOf } from './paths.ts';
import { loadRules } from './rules.ts';
import { withStarterRules } from './starter.ts';
import { openStore } from './storage.ts';
import { readTeamOf } from './team.ts';

export type { Finding } from '../watch/doctor/check.ts';

/** Checks everything that can be checked without changing or sending anything. Never rejects. */
export const examineAll = async (config: Config, faults: Faults): Promise<readonly Finding[]> => {
  const clock = createClockWatch(Date.now);
  const tools = { clock: clock.note };
  const checks = checksOf(config, faults, await namedBy(config)).filter(({ name }) => isMeaningful(name, faults));
  const found = await examine(checks, tools);
  // After all others: reading the file through blocks the process, and the clock check sums up what the others noted.
  const file =
    config.databaseUrl === undefined && isMeaningful('database file', faults) ? [integrityCheck(config)] : [];
  return [...found, ...(await examine([...file, clock.check], tools))];
};

/** The settings that a check depends on: it is skipped where one can't be used, since `config` lacks those. */
const ABOUT: Readonly<Record<string, readonly string[]>> = {
  store: ['DATABASE_URL'],
  'database file': ['DATABASE_URL'],
  sender: ['MAIL_FROM'],
  address: ['HOST', 'PORT', 'PUBLIC_URL'],
};

const isMeaningful = (check: string, { unusable }: Faults): boolean =>
  !ABOUT[check]?.some((setting) => unusable.includes(setting));

/** Milliseconds that reading rules and subscriptions may take: that compiles all templates, on a machine that may be busy. */
const READ_WITHIN = 8_000;

/** The channels and spreadsheets that rules and subscriptions refer to, by name or id. */
type Named = { readonly channels: ReadonlyMap<string, string>; readonly spreadsheets: ReadonlyMap<string, string> };

/**
 * Where there are no rules yet, those of the starter rules. Rules or a team document that can't be read count as empty: each
 * has a check of its own.
 */
const namedBy = async (config: Config): Promise<Named> => {
  const read: { rulebook?: Rulebook | undefined; team?: Team } = {};
  const readRulebook = async (): Promise<void> => {
    const { config: starting } = await withStarterRules(config);
    read.rulebook = (await loadRules(starting)).rulebook;
  };
  const readDocument = async (): Promise<void> => {
    read.team = (await readTeamOf(config)).team;
  };
  await atMost(READ_WITHIN, Promise.allSettled([readRulebook(), readDocument()]));
  const { rulebook = { rules: [] }, team = EMPTY_TEAM } = read;
  return { channels: namedChannels(config, rulebook, team), spreadsheets: namedSpreadsheets(rulebook) };
};

const checksOf = (config: Config, faults: Faults, { channels, spreadsheets }: Named): Check[] => {
  const { mail, webkasa, googleAccountFile, databaseUrl, tls } = config;
  return [
    { name: 'settings', run: async () => settingsFindings(config, faults) },
    folderCheck(pathsOf(config).data),
    { name: 'rules', run: () => rulesFindings(config) },
    { name: 'team document', run: () => teamFindings(config) },
    ...(databaseUrl === undefined ? [] : [postgresCheck(connectionTo(databaseUrl), () => reachDatabase(databaseUrl))]),
    { name: 'store', run: () => storeFindings(config) },
    ...(mail ? [smtpCheck(mail.smtpUrl), { name: 'sender', run: async () => [senderOf(config)] }] : []),
    ...slackOf(config, channels),
    ...(webkasa ? [webkasaCheck(webkasa)] : []),
    ...(googleAccountFile === undefined ? [] : [googleCheck(openGoogle(googleAccountFile), spreadsheets)]),
    ...(tls ? [certificateCheck(tls, Date.now)] : []),
    addressCheck({ publicUrl: config.publicUrl, localUrl: localUrlOf(config), production: config.production }),
  ];
};

const openGoogle = (file: string) => () => createSheetsApi({ account: readServiceAccount(file) });

const settingsFindings = (config: Config, { problem: fault }: Faults): Found[] => {
  const { webhookSecrets, webkasa, mail, slack, slackApp, production } = config;
  const set = (name: string, value: string | undefined): Record<string, readonly string[]> =>
    value === undefined ? {} : { [name]: [value] };
  const findings = secretFindings({
    ...(webhookSecrets.length > 0 && { WEBKASA_WEBHOOK_SECRET: webhookSecrets }),
    ...set('WEBKASA_API_KEY', webkasa?.key),
    ...set('DATABASE_URL', config.databaseUrl),
    ...set('SMTP_URL', mail?.smtpUrl),
    ...set('SLACK_BOT_TOKEN', slack?.token),
    ...set('SLACK_SIGNING_SECRET', slackApp?.by === 'http' ? slackApp.signingSecret : undefined),
    ...set('SLACK_APP_TOKEN', slackApp?.by === 'socket' ? slackApp.appToken : undefined),
  });
  if (fault) {
    return [problem(fault.message, fault.remedy ?? ''), ...findings.filter(({ state }) => state !== 'ok')];
  }
  if (webhookSecrets.length > 0) return findings;
  const says = 'WEBKASA_WEBHOOK_SECRET is not set.';
  const remedy = 'Set it to the secret that WebKasa shows beside the endpoint.';
  return [
    ...findings,
    production ? problem(says, remedy) : warning(`${says} One is made for trying things out.`, remedy),
  ];
};

const rulesFindings = async (config: Config): Promise<Found[]> => {
  const file = pathsOf(config).rules;
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (!there) return [warning(`There are no rules at ${file} yet.`, 'The first start copies the starter rules there.')];
  const { rulebook, problems } = await loadRules(config);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = problems;
  if (!rulebook) {
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    return [
      problem(
        `${errors[0] ? describeProblem(errors[0]) : 'They can not be used'}${more}`,
        '`npm run cli -- check` names them all.',
      ),
    ];
  }
  if (first) return [warning(describeProblem(first), '`npm run cli -- check` names all that looks wrong.')];
  return [ok(`${rulebook.rules.length} ${rulebook.rules.length === 1 ? 'rule' : 'rules'}, no problems`)];
};

const storeFindings = async (config: Config): Promise<Found[]> => {
  if (config.databaseUrl === undefined && !(await fileSize(pathsOf(config).database))) {
    return [warning(`There is no data in ${config.dataDir} yet.`, 'The first start makes the store there.')];
  }
  if (config.databaseUrl !== undefined && (await reachDatabase(config.databaseUrl)).empty) {
    return [warning('There is no data in the database yet.', 'The first start makes its tables.')];
  }
  await using store = await openStore(config);
  return troubleFindings(await store.status(), store.clock());
};

/** Larger files take too long to read through while somebody waits. */
const MOST_READ = 200_000_000;

const integrityCheck = (config: Config): Check => ({
  name: 'database file',
  async run() {
    const { file, check } = storeFile(config);
    const size = await fileSize(file);
    if (!size) return [];
    if (size > MOST_READ) return [ok(`${sizeOf(size)}: too large to be read through here; each backup is`)];
    const { integrity } = check(file);
    if (integrity === 'ok') return [ok(`${sizeOf(size)}, read through and whole`)];
    return [problem(`${file} is damaged: ${integrity}`, 'Stop the bot and restore a backup; keep the damaged file.')];
  },
});

const fileSize = async (file: string): Promise<number | undefined> => (await stat(file).catch(() => undefined))?.size;

const senderOf = ({ mailFrom }: Config): Found => {
  const mailbox = parseMailbox(mailFrom ?? '');
  return mailbox
    ? senderFinding(mailbox.address)
    : problem('MAIL_FROM is not one address.', 'Write it like Studio <bookings@your-domain.com>.');
};

const slackOf = (config: Config, channels: ReadonlyMap<string, string>): Check[] => {
  const { slack, slackApp } = config;
  if (!slack) return [];
  const appToken = slackApp?.by === 'socket' ? slackApp.appToken : undefined;
  return slackChecks({ ...slack, appToken, scopes: BOT_SCOPES, channels });
};

/** The bot's address as seen from this machine; undefined where the port is chosen at the start. */
const localUrlOf = ({ host, port, tls }: Config): string | undefined => {
  if (port === 0) return undefined;
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${name}:${port}`;
};

/** Silent where all is well: many bots never have a team document. */
const teamFindings = async (config: Config): Promise<Found[]> => {
  if (config.databaseUrl !== undefined) return [];
  const { problem: broken } = await readTeam(pathsOf(config).team);
  return broken === undefined
    ? []
    : [problem(broken, 'Mend the file; the previous version is beside it, in team.previous.json.')];
};
