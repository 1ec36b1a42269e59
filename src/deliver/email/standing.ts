/** The state of a booking or registration, as far as it decides which mails make sense. */
export type Standing = 'requested' | 'confirmed' | 'cancelled' | 'completed';

const BY_STATUS: Readonly<Record<string, Standing>> = {
  PENDING: 'requested',
  CONFIRMED: 'confirmed',
  CANCELLED: 'cancelled',
  CANCELED: 'cancelled',
  DECLINED: 'cancelled',
  REJECTED: 'cancelled',
  COMPLETED: 'completed',
};

const BY_WORD: Readonly<Record<string, Standing>> = {
  confirmed: 'confirmed',
  cancelled: 'cancelled',
  completed: 'completed',
};

/**
 * The standing after a webhook of this type with this status in its data; undefined where neither says. The type takes
 * precedence, since a status may be missing or outdated.
 */
export const standingOf = (type: string, status: unknown): Standing | undefined =>
  BY_WORD[type.split('.')[1] ?? ''] ?? (typeof status === 'string' ? BY_STATUS[status.toUpperCase()] : undefined);

/** `it was …` */
export const whatHappened = (standing: Standing): string =>
  standing === 'requested' ? 'put back to requested' : standing;
