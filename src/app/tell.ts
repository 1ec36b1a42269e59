import type { Config } from '../config.ts';
import { secretFile } from '../receive/secret.ts';
import type { Log } from '../runtime/log.ts';
import { EVENTS_PATH } from '../slack/manifest.ts';
import { pathsOf } from './paths.ts';
import { type Role, receives, works } from './role.ts';

export type Started = {
  readonly role: Role;
  /** The kind of store, for people. */
  readonly store: string;
  /** The address it listens on, and the endpoint for webhooks. */
  readonly url: string;
  readonly webhookUrl: string;
  readonly secrets: readonly string[];
};

/** Logs at the start, in plain words, what is configured and where things are. */
export const tellWhatIsOn = (config: Config, started: Started, log: Log): void => {
  const { role, store, url, webhookUrl, secrets } = started;
  const paths = pathsOf(config);
  log.info({ role, store }, `started as ${role}, on ${store}`);
  if (receives(role)) log.info(`webhooks are received at ${webhookUrl}`);
  else log.info(`a worker: webhooks go to receivers; its health is at ${url}/healthz`);
  if (receives(role) && config.webhookSecrets.length === 0) {
    log.info(`the webhook secret, made for you and kept in ${secretFile(paths.data)}: ${secrets[0]}`);
  }
  log.info(`rules: ${paths.rules}`);
  const instead = (what: string, folder: string): string => (config.production ? '' : `, ${what} land in ${folder}`);
  if (config.webkasa) log.info(`WebKasa's API: asked at ${config.webkasa.url} for what webhooks leave out`);
  if (works(role)) {
    log.info(config.mail ? 'mail: by SMTP' : `mail: not configured${instead('mails', paths.mailOutbox)}`);
  } else log.info('mails, posts and rows are delivered by workers');
  log.info(`Slack: ${slackWords(config, role, instead('posts', paths.slackOutbox))}`);
  if (works(role)) log.info(`sheets: ${paths.sheets}${config.googleAccountFile ? ', and Google Sheets' : ''}`);
};

const slackWords = ({ slack, slackApp, publicUrl }: Config, role: Role, instead: string): string => {
  if (!slack) return works(role) ? `not configured${instead}` : 'not configured';
  if (!slackApp)
    return 'posts only; for /webkasa and buttons set SLACK_SIGNING_SECRET, or SLACK_APP_TOKEN for Socket Mode';
  if (slackApp.by === 'socket') return works(role) ? '/webkasa by Socket Mode' : '/webkasa is answered by workers';
  return receives(role)
    ? `/webkasa at ${publicUrl.replace(/\/+$/, '')}${EVENTS_PATH}, as Slack has to reach it`
    : 'posts; /webkasa and buttons are answered by receivers';
};
