import type { ClaimedDelivery, PlannedEmail, Receipt } from '../../core/delivery.ts';
import { DeliveryError, messageOf, OperatorError } from '../../core/errors.ts';
import { createdAt } from '../../core/webhook.ts';
import type { EmailTemplate, RenderedEmail } from '../../template/library.ts';
import type { View } from '../../template/view.ts';
import type { AttemptTools, Channel } from '../channel.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { parseMailbox } from './address.ts';
import { composeEmail } from './compose.ts';
import type { MailAddress, MailMessage, MailTransport } from './transport.ts';

export type EmailChannelDeps = {
  readonly transport: MailTransport;
  /** `Studio <bookings@example.com>` or a bare address. */
  readonly from: string;
  /** Where replies go, unless the rule says otherwise; to `from` without it. */
  readonly replyTo?: string | undefined;
  /** Asked for each mail, since templates are read anew when they change. */
  readonly templates: () => ReadonlyMap<string, EmailTemplate>;
  /**
   * What templates see. Rejects with the DeliveryError `facts_missing` while it is worth waiting for what belongs into the
   * mail.
   */
  readonly view: (delivery: ClaimedDelivery) => Promise<View>;
};

/** As many as the SMTP pool has connections. */
const CONCURRENCY = 5;

/** Tells people by mail. Throws an OperatorError where `from` or `replyTo` is not one mail address. */
export const createEmailChannel = (deps: EmailChannelDeps): Channel => {
  const from = mailbox('MAIL_FROM', deps.from);
  const replyTo = deps.replyTo === undefined ? undefined : mailbox('MAIL_REPLY_TO', deps.replyTo);

  const compose = async (delivery: ClaimedDelivery): Promise<MailMessage> => {
    const email = plannedEmail(delivery);
    const view = await deps.view(delivery);
    const rendered = render(deps.templates().get(email.template), email.template, view);
    return composeEmail(delivery.id, email, rendered, { from, replyTo });
  };

  const perform = async (delivery: ClaimedDelivery, { signal }: AttemptTools): Promise<Receipt> => {
    const message = await compose(delivery);
    const at = createdAt(delivery.webhook, delivery.receivedAt);
    const { summary, response } = await deps.transport.send({ id: delivery.id, at, message }, signal);
    const again = delivery.unclear ? ' (sent again: an earlier attempt may have arrived, as the same Message-ID)' : '';
    return {
      summary: summary + again,
      detail: { messageId: message.messageId, ...(response && { response }) },
      fingerprint: mailFingerprint(message),
    };
  };

  return {
    kind: 'email',
    concurrency: CONCURRENCY,
    fingerprint: async (delivery) => mailFingerprint(await compose(delivery)),
    perform,
    close: () => deps.transport.close(),
  };
};

/** What the recipient reads. */
const mailFingerprint = ({ subject, text, html }: MailMessage): string => fingerprintOf(subject, text, html);

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

const render = (template: EmailTemplate | undefined, name: string, view: View): RenderedEmail => {
  if (!template) {
    throw new DeliveryError(
      'no_template',
      `There is no usable mail template "${name}". Add or mend ${name}.html and ${name}.txt in the folder of the mail ` +
        'templates (`check` says what is wrong), or name another one in the rule, then retry.',
      { verdict: 'permanent' },
    );
  }
  try {
    return template.render(view);
  } catch (cause) {
    throw new DeliveryError(
      'template_failed',
      `The mail template "${name}" failed: ${messageOf(cause)}. Mend it, then retry.`,
      { verdict: 'permanent', cause },
    );
  }
};
