const DAY = 86_400_000;
/** Day 25,569 of the 1900 date base is 1970-01-01 (ECMA-376 part 1, §18.17.4.1). */
const EPOCH_SERIAL = 25_569;
/** 1900-03-01: before it, Excel counts a day that never was. */
const FIRST_SERIAL = 61;
/** The day behind 9999-12-31, the last one there is. */
const END_SERIAL = 2_958_466;
/** As far as instants go (Temporal, and Date alike). */
const LAST_INSTANT = 8.64e15;

const zonedAt = (at: number, zone: string): Temporal.ZonedDateTime | undefined =>
  Math.abs(at) <= LAST_INSTANT
    ? Temporal.Instant.fromEpochMilliseconds(Math.round(at)).toZonedDateTimeISO(zone)
    : undefined;

/** `2027-02-15T11:00:00+01:00`: the instant, and what the clock says in the zone. Empty for one that no calendar reaches. */
export const isoTime = (at: number, zone: string): string =>
  zonedAt(at, zone)?.toString({ timeZoneName: 'never', smallestUnit: 'second' }) ?? '';

/** What the clock says in the zone, as spreadsheets count: days since 1899-12-30. undefined for times they don't know. */
export const serialTime = (at: number, zone: string): number | undefined => {
  const zoned = zonedAt(at, zone);
  return zoned && known(serialOf(at + zoned.offsetNanoseconds / 1e6));
};

/** The same for a date such as `2027-02-15`. */
export const serialDay = (day: string): number | undefined => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : Number.NaN;
  return known(serialOf(at));
};

/** Added up before it is divided, so that it is rounded once. */
const serialOf = (at: number): number => (at + EPOCH_SERIAL * DAY) / DAY;

const known = (serial: number): number | undefined =>
  serial >= FIRST_SERIAL && serial < END_SERIAL ? serial : undefined;
