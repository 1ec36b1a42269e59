import type { DeliveryStatus } from '../../core/delivery.ts';
import type { ActionKind } from '../../core/rule.ts';
import { recipientWords } from '../../query/words.ts';
import { channelShown } from './channel.ts';
import { said } from './words.ts';

/** The sign for each status. It never stands alone: a word beside it says the same. */
export const MARKS: Readonly<Record<DeliveryStatus, string>> = {
  done: '✓',
  pending: '…',
  running: '…',
  dead: '✗',
  superseded: '–',
};

const KINDS: Readonly<Record<ActionKind, string>> = { email: 'mail to', slack: 'Slack', sheet: 'sheet' };

/** `mail to john@example.com`, `Slack #bookings`, `sheet bookings.csv`; in mrkdwn, with a channel's id as a link. */
export const deliveryTo = ({ kind, to }: { readonly kind: ActionKind; readonly to: string }): string =>
  `${KINDS[kind]} ${kind === 'slack' ? channelShown(to) : said(recipientWords(to))}`;

/** The names of the delivery channels. */
export const CHANNELS: Readonly<Record<ActionKind, string>> = { email: 'Mail', slack: 'Slack', sheet: 'Sheets' };
