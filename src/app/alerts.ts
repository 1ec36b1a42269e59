import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../config.ts';
import type { Problem } from '../core/problem.ts';
import { ACTION_KINDS } from '../core/rule.ts';
import type { Team } from '../core/team.ts';
import { mailAddress, parseMailbox } from '../deliver/email/address.ts';
import { createSmtpThread } from '../deliver/email/smtp-thread.ts';
import type { MailAddress } from '../deliver/email/transport.ts';
import { createMailOutbox } from '../deliver/outbox/mail.ts';
import type { Log } from '../runtime/log.ts';
import { slackMedium } from '../slack/alert/medium.ts';
import { createSlackClient } from '../slack/client.ts';
import type { Store, StoreStatus } from '../store/ports.ts';
import { momentWords } from '../template/slack-moment.ts';
import { type Alerts, startAlerts } from '../watch/alert/alerts.ts';
import { type MailMediumDeps, mailMedium } from '../watch/alert/mail-medium.ts';
import type { Medium } from '../watch/alert/medium.ts';
import { rulesTrouble } from '../watch/alert/troubles.ts';
import { watchDisk } from '../watch/disk.ts';
import { type Cut, watchReach } from '../watch/reach.ts';
import { pathsOf } from './paths.ts';

export type AlertingDeps = {
  readonly store: Store;
  readonly status: () => Promise<StoreStatus>;
  readonly problems: () => readonly Problem[];
  readonly team: () => Team;
  /** Why Slack does not reach the bot; see SlackSide. */
  readonly cut: () => Cut | undefined;
  /** See AlertsDeps. */
  readonly left: Awaited<ReturnType<typeof pausesLeft>>;
  readonly now: () => number;
  readonly log: Log;
};

/** The pauses left from the previous run; must be read before the deliverer starts, which lifts them. */
export const pausesLeft = async (store: Pick<Store, 'getPause'>) => {
  const found = await Promise.all(ACTION_KINDS.map(async (kind) => ({ kind, pause: await store.getPause(kind) })));
  return found.flatMap(({ kind, pause }) => (pause ? [{ kind, ...pause }] : []));
};

/** Alerts the team by Slack and by mail, whichever is configured, when something begins to fail or works again. */
export const startAlerting = (config: Config, deps: AlertingDeps): Alerts => {
  const { store, status, problems, cut, left, now, log } = deps;
  const disk = watchDisk(pathsOf(config).data, { now });
  const reach = watchReach(cut, now);
  return startAlerts({
    store,
    status,
    media: mediaOf(config, deps),
    left,
    own: async () => [...rulesTrouble(problems(), now()), ...reach(), ...(await disk())],
    me: `${hostname()} ${randomUUID()}`,
    now,
    log,
  });
};

const mediaOf = (config: Config, { team, now, log }: AlertingDeps): Medium[] => {
  const media: Medium[] = [];
  const { timezone, locale } = config;
  if (config.slack) {
    media.push(
      slackMedium({
        client: createSlackClient(config.slack),
        alertChannel: config.slackAlertChannel,
        look: () => ({ timezone, locale, now: now() }),
        interactive: config.slackApp !== undefined,
        knownBroken: () => team().broken.flatMap(({ channel, told }) => (told ? [channel] : [])),
        log,
      }),
    );
  }
  const to = recipientsOf(config.alertEmail);
  const open = mailOf(config);
  if (to.length > 0 && open) {
    const from = parseMailbox(config.mailFrom ?? '') ?? mailAddress('bookings@localhost');
    const time = (at: number): string => momentWords(at, { timezone, locale });
    media.push(mailMedium({ settings: { from, to, publicUrl: config.publicUrl, time }, open, log }));
  }
  return media;
};

/** The addresses in ALERT_EMAIL, which are separated by commas. */
const recipientsOf = (text = ''): MailAddress[] => text.split(',').flatMap((each) => parseMailbox(each.trim()) ?? []);

/** Opens a mail transport for each alert: alerts are too rare to keep a thread and a connection for them. */
const mailOf = (config: Config): MailMediumDeps['open'] | undefined => {
  const { mail } = config;
  if (mail) return () => createSmtpThread(mail.smtpUrl);
  return config.production ? undefined : () => createMailOutbox(pathsOf(config).mailOutbox);
};
