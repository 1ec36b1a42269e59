import { z } from 'zod';
import { OperatorError } from './core/errors.ts';
import { isTimeZone } from './core/webhook-data.ts';
import { secretsFromFiles } from './runtime/secret-files.ts';
import {
  areMailboxes,
  areSlackIds,
  channel,
  hasAddress,
  isLocale,
  listOf,
  token,
  url,
  wholeNumber,
} from './setting-values.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
/** `test` is what test runners set; it is as development. Anything else may be a slip for production, and is refused. */
const MODES = ['development', 'production', 'test'] as const;
/** A hundred years: a longer time ends before there were dates. */
const MOST_DAYS = 36_500;

/**
 * The whole environment, read once. An empty value is the same as none. .env.example explains each variable, and a
 * test holds it to this schema.
 */
export const EnvSchema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535, 'is not a whole number from 0 to 65535').default(3000),
  PUBLIC_URL: url(/^https?$/, 'https://bot.example.com').optional(),
  WEBKASA_WEBHOOK_SECRET: z.string().optional(),
  WEBKASA_API_KEY: token('wk_', 'an API key', 'wk_live_ or wk_test_').optional(),
  WEBKASA_API_URL: url(/^https?$/, 'https://api.webkasa.app').default('https://api.webkasa.app'),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: url(/^postgres(?:ql)?$/, 'postgres://user:password@db.example.com:5432/webkasa').optional(),
  RETENTION_DAYS: wholeNumber(7, MOST_DAYS, `is not a whole number of days from 7 to ${MOST_DAYS}`).optional(),
  ALERT_EMAIL: z
    .string()
    .refine(areMailboxes, 'holds something other than mail addresses, separated by commas')
    .optional(),
  RULES_FILE: z.string().optional(),
  TEMPLATES_DIR: z.string().optional(),
  TIMEZONE: z.string().refine(isTimeZone, 'is not an IANA time zone like Europe/Berlin').default('UTC'),
  LOCALE: z.string().refine(isLocale, 'is not a locale like en-US').default('en-US'),
  SMTP_URL: url(/^smtps?$/, 'smtp://user:password@mail.example.com:587').optional(),
  MAIL_FROM: z.string().refine(hasAddress, 'holds no mail address; write one like bookings@example.com').optional(),
  MAIL_REPLY_TO: z.string().refine(hasAddress, 'holds no mail address').optional(),
  SLACK_BOT_TOKEN: token('xoxb-', 'a bot token').optional(),
  SLACK_SIGNING_SECRET: z.string().optional(),
  SLACK_APP_TOKEN: token('xapp-', 'an app-level token').optional(),
  SLACK_API_URL: url(/^https?$/, 'https://slack.com/api/').default('https://slack.com/api/'),
  SLACK_CHANNEL: channel().default('#bookings'),
  SLACK_ALERT_CHANNEL: channel().optional(),
  SLACK_OPERATORS: z
    .string()
    .refine(areSlackIds, 'holds something other than ids of users (U…, W…) and user groups (S…), separated by commas')
    .optional(),
  GOOGLE_SERVICE_ACCOUNT_FILE: z.string().optional(),
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `is not one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  NODE_ENV: z.enum(MODES, { error: `is not one of ${MODES.join(', ')}` }).default('development'),
});

/** Settings that hold a secret: each may also be given as NAME_FILE, the path of a file that holds it. */
export const SECRETS = [
  'WEBKASA_WEBHOOK_SECRET',
  'WEBKASA_API_KEY',
  'DATABASE_URL',
  'SMTP_URL',
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
] as const satisfies readonly (keyof z.infer<typeof EnvSchema>)[];

export type Config = {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  /** All of them are accepted; empty where none is set and one has to be generated. */
  readonly webhookSecrets: readonly string[];
  /** WebKasa's API; undefined: it is not used. */
  readonly webkasa: { readonly key: string; readonly url: string } | undefined;
  readonly dataDir: string;
  /** PostgreSQL; undefined: SQLite in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Days after which what is over is forgotten; undefined: never. */
  readonly retentionDays: number | undefined;
  /** Addresses that alerts are mailed to, separated by commas; undefined: alerts go to Slack alone. */
  readonly alertEmail: string | undefined;
  /** undefined: DATA_DIR/rules.yaml, copied from the starter rules at the first start. */
  readonly rulesFile: string | undefined;
  /** undefined: the templates that come with the bot. */
  readonly templatesDir: string | undefined;
  readonly timezone: string;
  readonly locale: string;
  /** undefined: mails land in the outbox. */
  readonly mail: { readonly smtpUrl: string } | undefined;
  readonly mailFrom: string | undefined;
  readonly mailReplyTo: string | undefined;
  /** undefined: posts land in the outbox. */
  readonly slack: { readonly token: string; readonly apiUrl: string } | undefined;
  /** How Slack reaches the bot; undefined: it only posts. */
  readonly slackApp:
    | { readonly by: 'http'; readonly signingSecret: string }
    | { readonly by: 'socket'; readonly appToken: string }
    | undefined;
  readonly slackChannel: string;
  readonly slackAlertChannel: string;
  /** Ids of users and user groups; empty: everybody in the workspace. */
  readonly slackOperators: readonly string[];
  /** The key file of the service account that writes to Google Sheets; undefined: rules can't name any. */
  readonly googleAccountFile: string | undefined;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly logLevel: string;
  readonly production: boolean;
};

/**
 * Reads the environment, and the files of secrets that it names; or throws one OperatorError that names every problem in
 * them.
 */
export const readConfig = (env: Environment): Config => {
  const { config, problem } = readUsable(env);
  if (problem) throw problem;
  return config;
};

/** What is wrong with the settings: the error that readConfig() throws, and the names of those that can't be used. */
export type Faults = { readonly problem: OperatorError | undefined; readonly unusable: readonly string[] };

/** The same for diagnosis: settings that can't be used count as not set. Never throws. */
export const readUsable = (env: Environment): Faults & { readonly config: Config } => {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const secrets = secretsFromFiles(SECRETS, set);
  const given = { ...set, ...secrets.values };
  const parsed = EnvSchema.safeParse(given);
  const problems = [
    ...secrets.problems,
    ...(parsed.error?.issues.map(issueText) ?? []),
    ...dependencyProblems({ ...given, ...secrets.unread }),
  ];
  if (parsed.success && problems.length === 0) {
    return { config: toConfig(parsed.data), problem: undefined, unusable: [] };
  }
  const unusable = [...Object.keys(secrets.unread), ...(parsed.error?.issues.map(({ path }) => String(path[0])) ?? [])];
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !unusable.includes(name)));
  const problem = new OperatorError(
    `The settings can't be used:\n${problems.map((each) => `  - ${each}`).join('\n')}`,
    {
      remedy: 'Mend them in .env or the environment; .env.example explains each.',
    },
  );
  return { config: toConfig(EnvSchema.parse(rest)), problem, unusable };
};

type Environment = Readonly<Record<string, string | undefined>>;

const issueText = (issue: z.core.$ZodIssue): string => {
  const name = issue.path.join('.');
  return issue.message.startsWith('is ') || issue.message.startsWith('holds ')
    ? `${name} ${issue.message}`
    : `${name}: ${issue.message}`;
};

type Env = z.infer<typeof EnvSchema>;

/** Problems of settings that depend on each other. */
const dependencyProblems = (env: Readonly<Partial<Record<keyof Env, unknown>>>): string[] => {
  const problems: string[] = [];
  if (Boolean(env.TLS_CERT_FILE) !== Boolean(env.TLS_KEY_FILE)) {
    problems.push('TLS_CERT_FILE and TLS_KEY_FILE go together: set both, or neither and put a proxy in front');
  }
  if (env.SMTP_URL && !env.MAIL_FROM) {
    problems.push('MAIL_FROM is missing: SMTP_URL is set, so say from which address mails are sent');
  }
  const app = ['SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN'].find((name) => env[name as keyof Env]);
  if (app && !env.SLACK_BOT_TOKEN) {
    problems.push(`SLACK_BOT_TOKEN is missing: ${app} is set, and the bot answers in Slack with its bot token`);
  }
  return problems;
};

const toConfig = (env: Env): Config => ({
  host: env.HOST,
  port: env.PORT,
  publicUrl: env.PUBLIC_URL ?? `${env.TLS_CERT_FILE ? 'https' : 'http'}://localhost:${env.PORT}`,
  webhookSecrets: listOf(env.WEBKASA_WEBHOOK_SECRET),
  webkasa: env.WEBKASA_API_KEY ? { key: env.WEBKASA_API_KEY, url: env.WEBKASA_API_URL } : undefined,
  dataDir: env.DATA_DIR,
  databaseUrl: env.DATABASE_URL,
  retentionDays: env.RETENTION_DAYS,
  alertEmail: env.ALERT_EMAIL,
  rulesFile: env.RULES_FILE,
  templatesDir: env.TEMPLATES_DIR,
  timezone: env.TIMEZONE,
  locale: env.LOCALE,
  mail: env.SMTP_URL ? { smtpUrl: env.SMTP_URL } : undefined,
  mailFrom: env.MAIL_FROM,
  mailReplyTo: env.MAIL_REPLY_TO,
  slack: env.SLACK_BOT_TOKEN ? { token: env.SLACK_BOT_TOKEN, apiUrl: env.SLACK_API_URL } : undefined,
  slackApp: slackAppOf(env),
  slackChannel: env.SLACK_CHANNEL,
  slackAlertChannel: env.SLACK_ALERT_CHANNEL ?? env.SLACK_CHANNEL,
  slackOperators: listOf(env.SLACK_OPERATORS),
  googleAccountFile: env.GOOGLE_SERVICE_ACCOUNT_FILE,
  tls: env.TLS_CERT_FILE && env.TLS_KEY_FILE ? { certFile: env.TLS_CERT_FILE, keyFile: env.TLS_KEY_FILE } : undefined,
  logLevel: env.LOG_LEVEL,
  production: env.NODE_ENV === 'production',
});

/** Socket Mode where there is an app token, since it needs no public address; the signing secret may be set all the same. */
const slackAppOf = (env: Env): Config['slackApp'] => {
  if (!env.SLACK_BOT_TOKEN) return undefined;
  if (env.SLACK_APP_TOKEN) return { by: 'socket', appToken: env.SLACK_APP_TOKEN };
  return env.SLACK_SIGNING_SECRET ? { by: 'http', signingSecret: env.SLACK_SIGNING_SECRET } : undefined;
};
