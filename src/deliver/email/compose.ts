import type { PlannedEmail } from '../../core/delivery.ts';
import { DeliveryError } from '../../core/errors.ts';
import type { RenderedEmail } from '../../template/library.ts';
import { domainOf, headerText, isMailAddress, mailAddress, parseMailbox } from './address.ts';
import type { MailAddress, MailMessage } from './transport.ts';

/** RFC 3834: no vacation notes in return; the second is what Exchange and Outlook heed. */
const HEADERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

const LONGEST_SUBJECT = 200;

/**
 * The message of one delivery, to exactly one recipient. Its Message-ID comes from the delivery's id, so that a mail sent
 * twice after a crash is one mail to programs that look. Throws a permanent DeliveryError where an address is none.
 */
export const composeEmail = (
  deliveryId: string,
  email: PlannedEmail,
  rendered: RenderedEmail,
  sender: { readonly from: MailAddress; readonly replyTo?: MailAddress | undefined },
): MailMessage => {
  const to = email.to.trim();
  if (!isMailAddress(to)) throw notAnAddress('invalid_recipient', 'the recipient', 'to');
  const replyTo = email.replyTo?.trim() ? parseMailbox(email.replyTo) : sender.replyTo;
  if (email.replyTo?.trim() && !replyTo) throw notAnAddress('invalid_reply_to', 'where replies go', 'reply_to');
  const subject = headerText(email.subject?.trim() || rendered.subject, LONGEST_SUBJECT);
  return {
    from: sender.from,
    to: mailAddress(to, email.name),
    ...(replyTo && { replyTo }),
    subject: subject || 'News of your booking',
    html: rendered.html,
    text: rendered.text,
    messageId: `<${deliveryId.replace(/[^\w.-]/g, '_')}@${domainOf(sender.from.address)}>`,
    headers: HEADERS,
    xMailer: false,
  };
};

const notAnAddress = (code: string, what: string, field: string): DeliveryError =>
  new DeliveryError(
    code,
    `What the rule gives as ${what} is not one mail address like john@example.com. Correct it where it comes from, or ` +
      `"${field}" in the rule, then retry.`,
    { verdict: 'permanent' },
  );
