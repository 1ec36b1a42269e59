import type { DeliveryStatus } from '../../core/delivery.ts';
import type { ActionKind } from '../../core/rule.ts';
import { recipientWords } from '../../query/words.ts';
import { channelShown } from './channel.ts';
import { said } from './words.ts';

/** Beside each stands a word, so nobody has to read the sign. */
export const MARKS: Readonly<Record<DeliveryStatus, string>> = {
  done: '✓',
  pending: '…',
  running: '…',
  dead: '✗',
  superseded: '–',
};

const KINDS: Readonly<Record<ActionKind, string>> = { email: 'mail to', slack: 'Slack', sheet: 'sheet' };

/** `mail to john@example.com`, `Slack #bookings`, `sheet bookings.csv`; for mrkdwn, where Slack names a channel by its id. */
export const deliveryTo = ({ kind, to }: { readonly kind: ActionKind; readonly to: string }): string =>
  `${KINDS[kind]} ${kind === 'slack' ? channelShown(to) : said(recipientWords(to))}`;

/** A channel as a whole. */
export const CHANNELS: Readonly<Record<ActionKind, string>> = { email: 'Mail', slack: 'Slack', sheet: 'Sheets' };
