import type { PlannedEmail } from '../../core/delivery.ts';
import { DeliveryError } from '../../core/errors.ts';
import type { MailThread } from '../../store/ports.ts';
import type { RenderedEmail } from '../../template/library.ts';
import { domainOf, isMailAddress, mailAddress, parseMailbox } from './address.ts';
import { plainSubject, subjectAfter } from './subject.ts';
import { joinThread } from './thread.ts';
import type { MailAddress, MailMessage } from './transport.ts';

/** RFC 3834: asks for no automatic replies. The second one is for Exchange and Outlook. */
const HEADERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

/** What a message is composed from besides its delivery and its rendered content. */
export type Composing = {
  readonly from: MailAddress;
  readonly replyTo?: MailAddress | undefined;
  /** The conversation so far; undefined for its first mail. */
  readonly thread?: MailThread | undefined;
};

/**
 * The message of one delivery, to exactly one recipient and those who get a copy. Its Message-ID is derived from the
 * delivery's id, so that mail programs can recognise one that was sent twice after a crash. Throws a permanent DeliveryError
 * where something that has to be an address is none.
 */
export const composeEmail = (
  deliveryId: string,
  email: PlannedEmail,
  rendered: RenderedEmail,
  { from, replyTo: usualReplyTo, thread }: Composing,
): MailMessage => {
  const to = email.to.trim();
  if (!isMailAddress(to)) throw notAnAddress('invalid_recipient', 'the recipient', 'to');
  const replyTo = email.replyTo?.trim() ? parseMailbox(email.replyTo) : usualReplyTo;
  if (email.replyTo?.trim() && !replyTo) throw notAnAddress('invalid_reply_to', 'where replies go', 'reply_to');
  // A rule's own subject is used as it is.
  const own = plainSubject(email.subject ?? '');
  const subject = own || subjectAfter(thread?.subject, rendered.subject) || 'News of your booking';
  const messageId = `<${deliveryId.replace(/[^\w.-]/g, '_')}@${domainOf(from.address)}>`;
  const { topic, inReplyTo, references } = joinThread(thread, messageId, subject);
  return {
    from: email.fromName?.trim() ? mailAddress(from.address, email.fromName) : from,
    to: mailAddress(to, email.name),
    ...(replyTo && { replyTo }),
    ...(email.cc && { cc: copies(email.cc, 'cc') }),
    ...(email.bcc && { bcc: copies(email.bcc, 'bcc') }),
    subject,
    html: rendered.html,
    text: rendered.text,
    messageId,
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(references && { references: [...references] }),
    headers: { ...HEADERS, 'Thread-Topic': plainSubject(topic) },
    xMailer: false,
  };
};

const copies = (addresses: readonly string[], field: 'cc' | 'bcc'): MailAddress[] =>
  addresses.map((address) => {
    if (!isMailAddress(address)) throw notAnAddress(`invalid_${field}`, 'the address of a copy', field);
    return mailAddress(address);
  });

const notAnAddress = (code: string, what: string, field: string): DeliveryError =>
  new DeliveryError(
    code,
    `What the rule gives as ${what} is not one mail address like john@example.com. Correct it where it comes from, or ` +
      `"${field}" in the rule, then retry.`,
    { verdict: 'permanent' },
  );
