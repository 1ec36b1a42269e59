import type { Config } from '../config.ts';
import type { Actor } from '../core/actor.ts';
import type { PlannedEmail } from '../core/delivery.ts';
import { OperatorError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import { nearest } from '../core/suggest.ts';
import type { Webhook } from '../core/webhook.ts';
import type { Channel } from '../deliver/channel.ts';
import { isMailAddress } from '../deliver/email/address.ts';
import type { MailStore } from '../store/ports.ts';
import { viewOf } from '../template/view.ts';
import { mailChannelOf } from './channels.ts';
import { loadRules, requireRulebook, settingsOf } from './rules.ts';

type Fields = Readonly<Record<string, unknown>>;

export type TestMail = {
  readonly address: string;
  readonly template: string;
  /** What the mail is about. */
  readonly webhook: Webhook;
  readonly movedFrom: string | null;
  readonly changedFrom: Fields;
  readonly event: Fields | null;
  /** For a mail to everyone registered for an event: the registration that it goes to. */
  readonly registration?: PlannedEmail['registration'];
  readonly by: Actor;
  readonly now: number;
};

/**
 * Sends one mail as the bot would, with an invite, but leaves no trace in the store: no booking, mail thread or calendar state
 * changes. Resolves with the server's answer, and whether an invite was attached. Throws an OperatorError where mail is not set
 * up, the template does not exist or the address is invalid, and a DeliveryError where the mail was not accepted.
 */
export const sendTestMail = async (
  config: Config,
  mail: TestMail,
): Promise<{ readonly answer: string; readonly invite: boolean }> => {
  if (!isMailAddress(mail.address)) throw noAddress(mail.address);
  const templates = requireRulebook(await loadRules(config)).templates.email;
  if (!templates.has(mail.template)) throw noTemplate(mail.template, [...templates.keys()]);
  const settings = settingsOf(config);
  const channel = mailChannelOf(config, {
    templates: () => templates,
    view: async (delivery) => viewOf(delivery.webhook, delivery, settings),
    store: forgetful(),
    now: () => mail.now,
  });
  if (!channel)
    throw new OperatorError('Mail is not set up.', { remedy: 'Set SMTP_URL and MAIL_FROM, see .env.example.' });
  try {
    return await sendOnce(channel, mail);
  } finally {
    await channel.close?.();
  }
};

const sendOnce = async (
  channel: Channel,
  { address, template, webhook, movedFrom, changedFrom, event, registration, by, now }: TestMail,
): Promise<{ readonly answer: string; readonly invite: boolean }> => {
  const { summary, detail } = await channel.perform(
    {
      id: webhook.id.replace('wh_evt_', 'dl_test_'),
      rule: 'send-test',
      kind: 'email',
      destination: `email:${address.toLowerCase()}`,
      action: { kind: 'email', email: { to: address, template, invite: true, ...(registration && { registration }) } },
      webhook,
      receivedAt: now,
      movedFrom,
      changedFrom,
      event,
      latest: null,
      tries: 1,
      attempt: 0,
      // As a rerun, since those are sent even to a refused address or about a time that has passed.
      rerun: { by, at: now },
      version: now,
      unclear: null,
    },
    { signal: new AbortController().signal, note: async () => {} },
  );
  return { answer: summary, invite: detail?.invite !== undefined };
};

/** A store that is always empty and forgets what it is given. */
const forgetful = (): MailStore => ({
  getThread: async () => undefined,
  saveThread: async () => {},
  getInvite: async () => undefined,
  saveInvite: async () => {},
  refusedAddress: async () => undefined,
  refuseAddress: async () => {},
  refusedAddresses: async () => [],
  allowAddress: async () => false,
  registered: async () => [],
});

const noAddress = (text: string): OperatorError =>
  new OperatorError(`${quote(text)} is not one mail address.`, { remedy: 'Write one like you@example.com.' });

const noTemplate = (name: string, known: readonly string[]): OperatorError => {
  const near = nearest(name, known);
  return new OperatorError(`There is no mail template "${name}".`, {
    remedy: `${near ? `Did you mean ${near}? ` : ''}There are ${known.toSorted().join(', ')}.`,
  });
};
