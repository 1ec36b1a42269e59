import type { ClaimedDelivery, PlannedEmail } from '../../core/delivery.ts';
import { applyWebhook, resourceKey } from '../../core/resource.ts';
import { createdAt, dataOf, isAttendeeAddress } from '../../core/webhook.ts';
import { cancelledSince, isToRegistered } from './registered.ts';
import { type Standing, standingOf, whatHappened } from './standing.ts';

/** Why a mail is obsolete: a stable code, and a sentence for `why`. */
export type Useless = { readonly code: 'contradicted' | 'begun' | 'too_late' | 'nothing_new'; readonly why: string };

/** The part of a delivery that is judged. */
export type Judged = Pick<
  ClaimedDelivery,
  'webhook' | 'receivedAt' | 'event' | 'latest' | 'rerun' | 'version' | 'action' | 'registration' | 'changedBack'
>;

/** What makes a mail obsolete: a newer, different state; or so many milliseconds after the start or after the webhook. */
type Limits = { readonly change?: boolean; readonly afterStart?: number; readonly afterWebhook?: number };

const DAY = 24 * 3_600_000;

/** For mails to the attendee. Mails to others, and about types that WebKasa does not document, are never obsolete. */
const USUAL: Readonly<Record<string, Limits>> = {
  'booking.created': { change: true, afterStart: 0 },
  'booking.confirmed': { change: true, afterStart: 0 },
  'registration.created': { change: true, afterStart: 0 },
  // That one need not come is still worth knowing for a while.
  'booking.cancelled': { change: true, afterStart: DAY },
  'registration.cancelled': { change: true, afterStart: DAY },
  'booking.completed': { afterWebhook: 14 * DAY },
  'event.created': { afterStart: 0 },
  'event.updated': { afterStart: 0 },
  'event.cancelled': { afterStart: DAY },
};

/** Added for mails to those registered for an event, whom an outdated time would mislead. */
const TO_REGISTERED: Limits = { change: true };

/**
 * Why a mail is obsolete now, judged by the newest known state; undefined where it still makes sense. Reruns are sent however
 * late. `zone` is that of local times whose data names none.
 */
export const uselessNow = (
  delivery: Judged,
  email: Pick<PlannedEmail, 'to' | 'until' | 'registration'>,
  now: number,
  zone: string,
): Useless | undefined => {
  if (cancelledSince(delivery)) return { code: 'contradicted', why: 'the registration was cancelled meanwhile' };
  if (delivery.rerun) return undefined;
  const limits = limitsOf(delivery, email);
  const { webhook, receivedAt } = delivery;
  // Judged for each reader: for those who registered in between, it is news.
  if (delivery.changedBack && email.registration && webhook.type === 'event.updated') {
    return { code: 'nothing_new', why: 'what changed was changed back' };
  }
  const changed = limits.change ? contradiction(delivery, zone) : undefined;
  if (changed !== undefined) return { code: 'contradicted', why: changed };
  if (limits.afterWebhook !== undefined && now >= createdAt(webhook, receivedAt) + limits.afterWebhook) {
    return { code: 'too_late', why: `it happened more than ${limits.afterWebhook / DAY} days ago` };
  }
  const start = limits.afterStart === undefined ? undefined : startOf(delivery, zone);
  if (start === undefined || limits.afterStart === undefined || now < start + limits.afterStart) return undefined;
  const at = `${new Date(start).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return limits.afterStart === 0
    ? { code: 'begun', why: `it began at ${at}` }
    : { code: 'too_late', why: `it was to begin at ${at}, more than a day ago` };
};

const limitsOf = (
  { webhook }: Pick<ClaimedDelivery, 'webhook'>,
  email: Pick<PlannedEmail, 'to' | 'until' | 'registration'>,
): Limits => {
  const usual = USUAL[webhook.type] ?? {};
  switch (email.until) {
    case 'change':
      return { change: true };
    case 'start':
      return { afterStart: 0 };
    case 'always':
      return {};
    default:
      if (isToRegistered(email)) return { ...usual, ...TO_REGISTERED };
      return isAttendeeAddress(webhook, email.to) || webhook.type.startsWith('event.') ? usual : {};
  }
};

/** How the newest state contradicts the mail; a newer webhook with the same state does not. */
const contradiction = (
  delivery: Pick<ClaimedDelivery, 'webhook' | 'receivedAt' | 'latest' | 'version'>,
  zone: string,
): string | undefined => {
  const { webhook, latest, version } = delivery;
  if (!latest || latest.version <= version) return undefined;
  const told = standingOf(webhook.type, dataOf(webhook).status);
  const known = standingOf(latest.lastType, latest.status);
  if (told !== known && known !== undefined) return `it was ${whatHappened(known)} meanwhile`;
  const saysWhen: readonly (Standing | undefined)[] = ['requested', 'confirmed', undefined];
  const ownStart = startIn(webhook, delivery.receivedAt, zone);
  return saysWhen.includes(told) && ownStart !== null && latest.startsAt !== null && ownStart !== latest.startsAt
    ? 'it was moved meanwhile'
    : undefined;
};

const startIn = (webhook: ClaimedDelivery['webhook'], receivedAt: number, zone: string): number | null => {
  const key = resourceKey(webhook);
  return key ? applyWebhook(undefined, key, webhook, receivedAt, zone).resource.startsAt : null;
};

/** The start by the newest state, else the webhook, else a registration's event. Whole days count from their end. */
const startOf = (
  { webhook, receivedAt, latest, event }: Pick<ClaimedDelivery, 'webhook' | 'receivedAt' | 'latest' | 'event'>,
  zone: string,
): number | undefined => {
  const eventItself = event && { id: `${webhook.id}-event`, type: 'event.updated', data: { id: 'event', ...event } };
  const [start, data] =
    latest && latest.startsAt !== null
      ? [latest.startsAt, latest.data]
      : ((
          [
            [startIn(webhook, receivedAt, zone), dataOf(webhook)],
            [eventItself ? startIn(eventItself, receivedAt, zone) : null, event ?? {}],
          ] as const
        ).find(([found]) => found !== null) ?? [null, {}]);
  if (start === null) return undefined;
  return data.start_date && !data.start_time ? start + DAY : start;
};
