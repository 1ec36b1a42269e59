/** What a booking or registration has come to. */
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
 * The standing that a webhook of this type, with this status in its data, tells of; undefined where neither says. The type
 * decides where it can, since a status may be missing or behind.
 */
export const standingOf = (type: string, status: unknown): Standing | undefined =>
  BY_WORD[type.split('.')[1] ?? ''] ?? (typeof status === 'string' ? BY_STATUS[status.toUpperCase()] : undefined);

/** `it was …` */
export const whatHappened = (standing: Standing): string =>
  standing === 'requested' ? 'put back to requested' : standing;
