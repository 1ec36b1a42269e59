import type { Config } from '../config.ts';
import type { ClaimedDelivery } from '../core/delivery.ts';
import type { Team } from '../core/team.ts';
import type { Channel } from '../deliver/channel.ts';
import { createEmailChannel, type EmailChannelDeps } from '../deliver/email/channel.ts';
import { createSmtpThread } from '../deliver/email/smtp-thread.ts';
import { guardedChannel } from '../deliver/guarded.ts';
import { createMailOutbox } from '../deliver/outbox/mail.ts';
import { createSlackOutbox } from '../deliver/outbox/slack.ts';
import { createSheetChannel } from '../deliver/sheet/channel.ts';
import { readServiceAccount } from '../deliver/sheet/google/service-account.ts';
import { createGoogleSheets, type GoogleSheets } from '../deliver/sheet/google/sheets.ts';
import { createSlackChannel } from '../deliver/slack/channel.ts';
import { createSecretGuard } from '../runtime/log-guard.ts';
import type { CardStore, MailStore, QueryStore, Turns } from '../store/ports.ts';
import type { TemplateLibrary } from '../template/library.ts';
import { type View, viewOf } from '../template/view.ts';
import type { FactFinder } from '../webkasa/facts.ts';
import { createViews } from '../webkasa/views.ts';
import { pathsOf } from './paths.ts';
import { settingsOf } from './rules.ts';
import { secretValues } from './secret-values.ts';

export type ChannelsDeps = {
  readonly templates: () => TemplateLibrary;
  readonly store: CardStore & MailStore & Turns & Pick<QueryStore, 'together'>;
  readonly team: () => Team;
  /** undefined without a key for WebKasa's API. */
  readonly facts: FactFinder | undefined;
  /** Is called when a post to a Slack channel fails for good, and with undefined when one succeeds. */
  readonly onChannel: (
    channel: string,
    failure: { readonly code: string; readonly message: string } | undefined,
  ) => void;
  /** The clock for Slack's rate limits: never goes back. */
  readonly now: () => number;
  /** The time that all processes on the store share, in Unix milliseconds. */
  readonly clock: () => number;
};

/** The mail channel: to the SMTP server, or outside production to the outbox; undefined in production without a server. */
export const mailChannelOf = (
  config: Config,
  deps: Pick<EmailChannelDeps, 'templates' | 'view' | 'store' | 'registrations' | 'now'>,
): Channel | undefined => {
  if (!config.mail && config.production) return undefined;
  const transport = config.mail ? createSmtpThread(config.mail.smtpUrl) : createMailOutbox(pathsOf(config).mailOutbox);
  const from = config.mailFrom ?? 'Bookings <bookings@localhost>';
  const { mailReplyTo: replyTo, timezone } = config;
  return createEmailChannel({ ...deps, from, replyTo, timezone, transport });
};

/** One channel for each kind of action; outside production a folder stands in for what is not configured. */
export const channelsOf = (config: Config, deps: ChannelsDeps): Channel[] => {
  const paths = pathsOf(config);
  const settings = settingsOf(config);
  const { inTurn } = deps.store;
  // Cards show only what webhooks say: they are many, are updated anyway, and must not wait for WebKasa's API.
  const view = (delivery: ClaimedDelivery): View => viewOf(delivery.webhook, delivery, settings);
  const mail = mailChannelOf(config, {
    templates: () => deps.templates().email,
    view: createViews({ finder: deps.facts, settings, now: deps.clock }),
    store: deps.store,
    registrations: deps.facts?.registrations,
    now: deps.clock,
  });
  const slack = { templates: () => deps.templates().slack, view };
  const channels: Channel[] = [
    createSheetChannel({ folder: paths.sheets, google: googleSheets(config, deps), inTurn, now: deps.clock }),
  ];
  if (mail) channels.push(mail);
  if (config.slack) {
    channels.push(
      createSlackChannel({
        ...slack,
        ...config.slack,
        store: deps.store,
        interactive: config.slackApp !== undefined,
        knownChannels: () => subscribedChannels(deps.team()),
        onChannel: deps.onChannel,
        inTurn,
        now: deps.now,
      }),
    );
  } else if (!config.production) channels.push(createSlackOutbox({ ...slack, folder: paths.slackOutbox }));
  const guard = createSecretGuard(secretValues(config));
  return channels.map((channel) => guardedChannel(channel, guard));
};

/** Google Sheets, where configured; the headers written so far are stored as cards, by spreadsheet and tab. */
const googleSheets = (
  config: Config,
  { store, clock }: Pick<ChannelsDeps, 'store' | 'clock'>,
): GoogleSheets | undefined => {
  if (config.googleAccountFile === undefined) return undefined;
  const keyOf = (spreadsheet: string, tab: string): string => `sheet|google|${spreadsheet}|${tab}`;
  return createGoogleSheets({
    account: readServiceAccount(config.googleAccountFile),
    inTurn: store.inTurn,
    now: clock,
    memory: {
      async get(spreadsheet, tab) {
        const headers = (await store.getCard(keyOf(spreadsheet, tab)))?.detail.headers;
        return Array.isArray(headers) ? headers.map(String) : [];
      },
      set: (spreadsheet, tab, headers) =>
        store.saveCard(keyOf(spreadsheet, tab), { channel: '', ts: '', version: 0, detail: { headers } }),
    },
  });
};

/** Channel ids by name, as far as subscriptions know them: rules use names, Slack uses ids. */
const subscribedChannels = ({ subscriptions }: Team): ReadonlyMap<string, string> =>
  new Map(subscriptions.map(({ channel, channelName }) => [channelName, channel]));
