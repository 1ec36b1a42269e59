/*
 * Calendar days in one time zone. When a day begins depends on the zone and its clock changes.
 */

/** The moment and the zone of a question, which together decide what `today` is. */
export type Here = {
  /** Unix milliseconds. */
  readonly now: number;
  /** An IANA zone: TIMEZONE. */
  readonly timezone: string;
};

/** The current day. */
export const today = ({ now, timezone }: Here): Temporal.PlainDate => dayOf(now, timezone);

/** The day on which an instant (Unix milliseconds) falls. */
export const dayOf = (at: number, timezone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toPlainDate();

/** When a day begins, in Unix milliseconds: midnight, or the first moment after it where the clock skips midnight. */
export const dayStart = (day: Temporal.PlainDate, timezone: string): number =>
  day.toZonedDateTime(timezone).epochMilliseconds;

/** The Monday of the week that a day is in. */
export const monday = (day: Temporal.PlainDate): Temporal.PlainDate => day.subtract({ days: day.dayOfWeek - 1 });
