import type { ClaimedDelivery, PlannedEmail } from '../../core/delivery.ts';
import { DeliveryError, OperatorError } from '../../core/errors.ts';
import { EVERYONE_REGISTERED } from '../../core/rule.ts';
import { createdAt } from '../../core/webhook.ts';
import type { MailStore, MailThread } from '../../store/ports.ts';
import type { EmailTemplate } from '../../template/library.ts';
import type { View } from '../../template/view.ts';
import type { AttemptTools, Channel, Performed } from '../channel.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { unlessStopped } from '../unless-stopped.ts';
import { parseMailbox } from './address.ts';
import { entryDetail, entryWords, inviteFor, withInvite } from './calendar-entry.ts';
import { composeEmail } from './compose.ts';
import { everyoneRegistered, type ListRegistrations } from './everyone.ts';
import type { Invite, NoInvite } from './invite.ts';
import { createInviteKeeper } from './invite-keeper.ts';
import { inBrief, rememberRefusal, requireUsable } from './refused.ts';
import { registrationOf } from './registered.ts';
import { renderEmail } from './render.ts';
import { continueThread, threadKey } from './thread.ts';
import type { MailAcceptance, MailAddress, MailMessage, MailTransport, OutgoingMail } from './transport.ts';
import { type Useless, uselessNow } from './useful.ts';
import { uselessByApi } from './useful-by-api.ts';

export type EmailChannelDeps = {
  readonly transport: MailTransport;
  /** `Studio <bookings@example.com>` or a bare address. */
  readonly from: string;
  /** Where replies go, unless the rule says otherwise; to `from` without it. */
  readonly replyTo?: string | undefined;
  /** Called for each mail, since templates are reloaded when they change. */
  readonly templates: () => ReadonlyMap<string, EmailTemplate>;
  /**
   * What templates see. Rejects with the DeliveryError `facts_missing`, verdict `wait`, while WebKasa's API has yet to tell
   * something that belongs into the mail.
   */
  readonly view: (delivery: ClaimedDelivery) => Promise<View>;
  readonly store: MailStore;
  /** Who is registered for an event, as WebKasa's API lists them; absent without a key. */
  readonly registrations?: ListRegistrations | undefined;
  /** The zone of local times whose data names none (TIMEZONE). */
  readonly timezone: string;
  readonly now: () => number;
};

/** As many as the SMTP pool has connections: any more would only add to the mails that a crash leaves unclear. */
const CONCURRENCY = 5;

/** Tells people by mail. Throws an OperatorError where `from` or `replyTo` is not one mail address. */
export const createEmailChannel = (deps: EmailChannelDeps): Channel => {
  const { store } = deps;
  const invites = createInviteKeeper(deps);
  const from = mailbox('MAIL_FROM', deps.from);
  const replyTo = deps.replyTo === undefined ? undefined : mailbox('MAIL_REPLY_TO', deps.replyTo);

  const compose = (delivery: ClaimedDelivery, view: View, thread?: MailThread): MailMessage => {
    const email = plannedEmail(delivery);
    const rendered = renderEmail(deps.templates().get(email.template), email.template, view);
    return composeEmail(delivery.id, email, rendered, { from, replyTo, thread });
  };

  const refuseUseless = (delivery: ClaimedDelivery): void => {
    const useless = uselessNow(delivery, plannedEmail(delivery), deps.now(), deps.timezone);
    if (useless) throw notSent(useless);
  };

  /** Throws where the API knows of a cancellation whose webhook has not come yet. */
  const refuseContradicted = (delivery: ClaimedDelivery, view: View): void => {
    const useless = uselessByApi(delivery, plannedEmail(delivery), view, deps.timezone);
    if (useless) throw notSent(useless);
  };

  /** Leaves out copies to addresses that a mail server has refused as unknown. */
  const withUsableCopies = async (message: MailMessage): Promise<MailMessage> => {
    if (!message.cc && !message.bcc) return message;
    const usable = async (copies: MailAddress[] = []): Promise<MailAddress[]> => {
      const refused = await Promise.all(copies.map(({ address }) => store.refusedAddress(address)));
      return copies.filter((_, index) => refused[index] === undefined);
    };
    return { ...message, cc: await usable(message.cc), bcc: await usable(message.bcc) };
  };

  const send = async (mail: OutgoingMail, signal: AbortSignal): Promise<MailAcceptance> => {
    const { address } = mail.message.to;
    try {
      return await deps.transport.send(mail, signal);
    } catch (error) {
      // The server's answer is what counts, even if the refusal can't be stored.
      await rememberRefusal(store, address, error, deps.now()).catch(() => undefined);
      throw error;
    }
  };

  /**
   * Stores what later mails need to know of an accepted one; returns whether that worked. Never rejects: the mail is out,
   * and a failure now would have it sent again.
   */
  const keep = async (
    key: string,
    thread: MailThread,
    { refused = [] }: Pick<MailAcceptance, 'refused'>,
  ): Promise<boolean> => {
    const kept = await Promise.allSettled([
      store.saveThread(key, thread),
      ...refused.map(({ address, error }) => rememberRefusal(store, address, error, deps.now())),
    ]);
    return kept.every(({ status }) => status === 'fulfilled');
  };

  /** Sends nothing itself: plans a child delivery for each registration. */
  const performForEveryone = async (delivery: ClaimedDelivery): Promise<Performed> => {
    const fingerprint = await fingerprintForEveryone(delivery);
    const { planned, summary } = await everyoneRegistered(deps, delivery, plannedEmail(delivery));
    return { summary, fingerprint, planned };
  };

  /** Of the content that all of them get, whoever they are. */
  const fingerprintForEveryone = async (delivery: ClaimedDelivery): Promise<string> => {
    const { template, subject } = plannedEmail(delivery);
    const rendered = renderEmail(deps.templates().get(template), template, await deps.view(delivery));
    return mailFingerprint({ ...rendered, subject: subject ?? rendered.subject });
  };

  const perform = async (delivery: ClaimedDelivery, { signal }: AttemptTools): Promise<Performed> => {
    refuseUseless(delivery);
    if (isToEveryone(delivery)) return unlessStopped(signal, listStopped, () => performForEveryone(delivery));
    const key = threadKey(delivery);
    const [thread] = await Promise.all([
      store.getThread(key),
      // A rerun is sent whatever a server refused before; for a retry, the store has allowed the address again.
      delivery.rerun ? undefined : requireUsable(store, plannedEmail(delivery).to.trim()),
    ]);
    const view = await deps.view(asRead(delivery));
    refuseContradicted(delivery, view);
    const composed = compose(delivery, view, thread);
    const entry = await inviteFor(invites, delivery, plannedEmail(delivery), view, composed);
    const message = withInvite(await withUsableCopies(composed), entry);
    const at = createdAt(delivery.webhook, delivery.receivedAt);
    const accepted = await send({ id: delivery.id, at, message }, signal);
    const messageId = accepted.messageId ?? message.messageId;
    const kept = await keep(key, continueThread(thread, messageId, message.subject), accepted);
    const { response } = accepted;
    const left = copiesOf(composed) - copiesOf(message);
    return {
      summary: summaryOf(delivery, accepted, { left, entry, kept }),
      detail: { messageId, ...(response && { response }), ...entryDetail(entry) },
      fingerprint: mailFingerprint(message),
    };
  };

  return {
    kind: 'email',
    concurrency: CONCURRENCY,
    async fingerprint(delivery) {
      if (isToEveryone(delivery)) return fingerprintForEveryone(delivery);
      const thread = await store.getThread(threadKey(delivery));
      return mailFingerprint(compose(delivery, await deps.view(asRead(delivery)), thread));
    },
    perform,
    close: () => deps.transport.close(),
  };
};

/** Nothing is sent before everybody's mails are planned. */
const listStopped = (): DeliveryError =>
  new DeliveryError(
    'stopped',
    'The bot was stopped before it was known who is registered. It goes on after the next start.',
    { verdict: 'retry' },
  );

const notSent = ({ code, why }: Useless): DeliveryError =>
  new DeliveryError(code, `Not sent, since it no longer makes sense: ${why}.`, { verdict: 'obsolete' });

/** What the recipient reads. */
const mailFingerprint = ({ subject, text, html }: Pick<MailMessage, 'subject' | 'text' | 'html'>): string =>
  fingerprintOf(subject, text, html);

const mailbox = (variable: string, text: string): MailAddress => {
  const read = parseMailbox(text);
  if (read) return read;
  throw new OperatorError(`${variable} is not one mail address.`, {
    remedy: `Write ${variable}=bookings@example.com, or with a name: ${variable}="Studio <bookings@example.com>".`,
  });
};

const plannedEmail = (delivery: ClaimedDelivery): PlannedEmail => {
  if (delivery.action.kind === 'email') return delivery.action.email;
  throw new TypeError(`delivery ${delivery.id} is of kind ${delivery.action.kind}, not email`);
};

const isToEveryone = (delivery: ClaimedDelivery): boolean => plannedEmail(delivery).to === EVERYONE_REGISTERED;

/** The delivery with its reader's registration, also where only WebKasa's API knows it. */
const asRead = (delivery: ClaimedDelivery): ClaimedDelivery => {
  const registration = registrationOf(delivery);
  return registration ? { ...delivery, registration } : delivery;
};

const copiesOf = ({ cc = [], bcc = [] }: MailMessage): number => cc.length + bcc.length;

/** Names nobody who gets a copy: `why` is read by people who may not know of hidden ones. */
const summaryOf = (
  delivery: ClaimedDelivery,
  { summary, refused = [] }: MailAcceptance,
  {
    left,
    entry,
    kept,
  }: { readonly left: number; readonly entry: Invite | NoInvite | undefined; readonly kept: boolean },
): string => {
  const remarks = [
    ...(delivery.unclear ? ['sent again: an earlier attempt may have arrived, as the same Message-ID'] : []),
    ...refused.map(({ error }) => `a copy was not accepted: ${inBrief(error)}`),
    ...(left > 0 ? [`${left === 1 ? 'a copy was' : `${left} copies were`} left out: no such address`] : []),
    ...entryWords(entry),
    ...(kept ? [] : ['the store failed just then: the next mail may not join this conversation']),
  ];
  return remarks.length === 0 ? summary : `${summary} (${remarks.join('; ')})`;
};
