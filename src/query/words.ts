import type { DeliveryStatus } from '../core/delivery.ts';
import { EVERYONE_REGISTERED } from '../core/rule.ts';
import type { StoryAttempt } from '../store/ports.ts';

/* Wording that Slack and the command line share. */

/** The outcome of one attempt. */
export const OUTCOMES: Readonly<Record<StoryAttempt['outcome'], string>> = {
  running: 'under way',
  done: 'done',
  retry: 'failed for now',
  wait: 'told to wait',
  permanent: 'failed for good',
  obsolete: 'left out',
  channel: 'failed: the channel is not usable',
  stopped: 'not begun',
  unclear: 'interrupted',
};

/** Why a retry left a delivery as it is. */
export const LEFT_ALONE: Readonly<Record<DeliveryStatus, string>> = {
  done: 'is done already',
  running: 'is under way',
  pending: 'is due already',
  superseded: 'was left out, since something newer was told or it was run again',
  dead: 'failed for good',
};

/** Why a delivery ended as superseded though no newer webhook replaced it. */
export const leftOut = (attempts: readonly { readonly outcome: StoryAttempt['outcome'] }[]): string =>
  attempts.at(-1)?.outcome === 'obsolete'
    ? 'left out, since it made no sense any more'
    : 'left out, since it was run again';

/** The children of a mail to everyone, by status: `800 sent, 12 waiting, 3 failed for good`. */
export const cameToWords = ({
  done,
  pending,
  running,
  dead,
  superseded,
}: Readonly<Record<DeliveryStatus, number>>): string =>
  [
    `${done} sent`,
    pending + running > 0 && `${pending + running} waiting`,
    dead > 0 && `${dead} failed for good`,
    superseded > 0 && `${superseded} left out`,
  ]
    .filter(Boolean)
    .join(', ');

/** A recipient in words: `everyone registered` for that special recipient, any other as it is. */
export const recipientWords = (to: string): string => (to === EVERYONE_REGISTERED ? 'everyone registered' : to);

/** Fields of a webhook's data that the heading of a resource already shows. */
export const IN_HEADING: ReadonlySet<string> = new Set([
  'id',
  'title',
  'status',
  'attendee_name',
  'attendee_email',
  'start_time',
  'start_date',
  'end_time',
]);

/** `1 booking`, `2 bookings`; pass `many` for an irregular plural. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** A duration, rounded to its largest fitting unit: `2 s`, `5 min`, `3 h`, `12 days`. */
export const span = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
};
