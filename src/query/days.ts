/*
 * Days as people name them, in one zone: where a day begins depends on it, and on its clock changes.
 */

/** When and where something is asked: what `today` is. */
export type Here = {
  /** Unix milliseconds. */
  readonly now: number;
  /** An IANA zone: TIMEZONE. */
  readonly timezone: string;
};

/** The day it is. */
export const today = ({ now, timezone }: Here): Temporal.PlainDate => dayOf(now, timezone);

/** The day an instant falls on. */
export const dayOf = (at: number, timezone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toPlainDate();

/** Unix milliseconds at which a day begins: midnight, or what comes first where the clock leaps over it. */
export const dayStart = (day: Temporal.PlainDate, timezone: string): number =>
  day.toZonedDateTime(timezone).epochMilliseconds;

/** The Monday of its week. */
export const monday = (day: Temporal.PlainDate): Temporal.PlainDate => day.subtract({ days: day.dayOfWeek - 1 });
