import { DeliveryError, messageOf, StoreFailure } from '../core/errors.ts';
import type { Settlement } from '../store/ports.ts';
import { MOST_TRIES, retryDelay } from './backoff.ts';

type Failed = Exclude<Settlement['outcome'], { status: 'done' }>;

/**
 * Any failure as a DeliveryError. One that no channel anticipated counts as transient and unclear, since retrying loses
 * nothing; so does a failure of the store, which may have come before or after the provider was called.
 */
export const toDeliveryError = (error: unknown): DeliveryError => {
  if (error instanceof DeliveryError) return error;
  const transient = { verdict: 'retry', unclear: true, cause: error } as const;
  return error instanceof StoreFailure
    ? new DeliveryError(
        'store_failed',
        `The store failed meanwhile; it is tried again by itself. ${error.message}`,
        transient,
      )
    : new DeliveryError('internal', `Unexpected failure: ${messageOf(error)}`, transient);
};

/** The state of a delivery after a failed attempt: when it is due again, or that it is dead or superseded. */
export const afterFailure = (error: DeliveryError, tries: number, now: number, random: number): Failed => {
  const failed = { verdict: error.verdict, code: error.code, unclear: error.unclear };
  switch (error.verdict) {
    case 'permanent':
      return { ...failed, status: 'dead', message: error.message, dueAt: now, counts: true };
    case 'obsolete':
      return { ...failed, status: 'superseded', message: error.message, dueAt: now, counts: false };
    case 'channel':
      return { ...failed, status: 'pending', message: error.message, dueAt: now, counts: false };
    case 'wait':
      return {
        ...failed,
        status: 'pending',
        message: error.message,
        dueAt: now + (error.retryAfterMs ?? 1_000),
        counts: false,
      };
    case 'retry':
      return tries >= MOST_TRIES
        ? {
            ...failed,
            status: 'dead',
            message: `Given up after ${tries} tries. ${error.message}`,
            dueAt: now,
            counts: true,
          }
        : {
            ...failed,
            status: 'pending',
            message: error.message,
            dueAt: now + retryDelay(tries, random),
            counts: true,
          };
    default:
      return error.verdict satisfies never;
  }
};

/** For a delivery handed back because the bot stops or its channel is paused: due at once when that is over. */
export const handedBack = (now: number): Failed => ({
  status: 'pending',
  verdict: 'stopped',
  code: 'stopped',
  message: 'Handed back before this attempt began, since the bot stops or the channel is paused.',
  unclear: false,
  dueAt: now,
  counts: false,
});
