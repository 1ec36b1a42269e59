import { createHash } from 'node:crypto';
import type { Alert, DeadDelivery } from '../../core/alert.ts';
import type { ActionKind } from '../../core/rule.ts';
import { domainOf } from '../../deliver/email/address.ts';
import type { MailAddress, OutgoingMail } from '../../deliver/email/transport.ts';

const KINDS: Readonly<Record<ActionKind, string>> = { email: 'mail to', slack: 'Slack', sheet: 'sheet' };

export type AlertMailSettings = {
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  /** The bot's address, for people who look after several. */
  readonly publicUrl: string;
  /** Formats a moment (Unix milliseconds) for people. */
  readonly time: (at: number) => string;
};

/** An alert as a plain text mail; undefined without recipients. The same alert always has the same Message-ID. */
export const alertMail = (alert: Alert, { from, to, publicUrl, time }: AlertMailSettings): OutgoingMail | undefined => {
  const [first, ...copies] = to;
  if (!first) return undefined;
  const { subject, lines } = alert.as === 'dead' ? deadWords(alert) : troubleWords(alert, time);
  const id = `alert_${createHash('sha256').update(JSON.stringify(alert)).digest('hex').slice(0, 32)}`;
  return {
    id,
    at: alert.as === 'begun' ? alert.trouble.since : alert.at,
    message: {
      from,
      to: first,
      ...(copies.length > 0 && { cc: copies }),
      subject: `[webkasa-bot] ${subject}`,
      text: `${[...lines, `-- \nwebkasa-bot at ${publicUrl}`].join('\n\n')}\n`,
      messageId: `<${id}@${domainOf(from.address)}>`,
      // Keeps vacation responders quiet (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      xMailer: false,
    },
  };
};

type Words = { readonly subject: string; readonly lines: readonly string[] };

const troubleWords = (alert: Exclude<Alert, { as: 'dead' }>, time: AlertMailSettings['time']): Words => {
  const { title, overTitle, cause, remedy, since } = alert.trouble;
  if (alert.as === 'over') {
    return {
      subject: overTitle,
      lines: [`${overTitle}.`, `"${title}" lasted from ${time(since)} to ${time(alert.at)}. The cause was:\n${cause}`],
    };
  }
  return {
    subject: title,
    lines: [
      `${title} since ${time(since)}.`,
      cause,
      `What to do:\n${plainText(remedy)}`,
      'This is told once, and once more when it is over.',
    ],
  };
};

const deadWords = ({ count, deliveries }: Extract<Alert, { as: 'dead' }>): Words => {
  const subject = `${count} ${count === 1 ? 'delivery' : 'deliveries'} failed for good`;
  return {
    subject,
    lines: [
      `${subject}. Nothing else is held up.`,
      ...deliveries.map(deadLines),
      ...(count > deliveries.length
        ? [`… and ${count - deliveries.length} more: npm run cli -- failed shows them all.`]
        : []),
      'Mend the cause before it is tried again, or it fails again.',
    ],
  };
};

const deadLines = ({ id, kind, to, resource, rule, code, message }: DeadDelivery): string =>
  [
    `* ${KINDS[kind]} ${to}${resource === null ? '' : `, about ${resource}`} (rule ${rule})`,
    `  ${message} (${code})`,
    `  To try it again: npm run cli -- retry ${id}`,
  ].join('\n');

const plainText = (text: string): string => text.replaceAll('`', '"');
