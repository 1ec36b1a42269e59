/** Formats instants in one zone, without naming it: an answer names it once. */
export type Times = {
  readonly zone: string;
  /** `2027-02-15` */
  date(at: Date): string;
  /** `10:30:05` */
  clock(at: Date): string;
  /** `2027-02-15 10:30:05` */
  full(at: Date): string;
  /** The time alone if it is on the same day as `near`, otherwise with its date. */
  near(at: Date, near: Date): string;
  /** A start as resources keep it, as `Mon 2027-02-15 10:30`. A local time is not converted; other text is returned as it is. */
  start(start: string): string;
};

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

export const timesIn = (zone: string): Times => {
  const zoned = (at: Date): Temporal.ZonedDateTime =>
    Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
  const date = (at: Date): string => zoned(at).toPlainDate().toString();
  const clock = (at: Date): string => zoned(at).toPlainTime().toString({ smallestUnit: 'second' });
  const full = (at: Date): string => `${date(at)} ${clock(at)}`;
  return {
    zone,
    date,
    clock,
    full,
    near: (at, near) => (date(at) === date(near) ? clock(at) : full(at)),
    start: (start) => instantText(start, zone) ?? localText(start) ?? start,
  };
};

const instantText = (start: string, zone: string): string | undefined => {
  try {
    return withWeekday(Temporal.Instant.from(start).toZonedDateTimeISO(zone).toPlainDateTime());
  } catch {
    return undefined;
  }
};

const localText = (start: string): string | undefined => {
  try {
    if (start.includes('T')) return withWeekday(Temporal.PlainDateTime.from(start));
    const day = Temporal.PlainDate.from(start);
    return `${WEEKDAYS[day.dayOfWeek - 1]} ${day.toString()}`;
  } catch {
    return undefined;
  }
};

const withWeekday = (at: Temporal.PlainDateTime): string =>
  `${WEEKDAYS[at.dayOfWeek - 1]} ${at.toPlainDate().toString()} ${at.toPlainTime().toString({ smallestUnit: 'minute' })}`;
