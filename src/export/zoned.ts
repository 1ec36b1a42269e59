const DAY = 86_400_000;
/** Day 25,569 of the 1900 date base is 1970-01-01 (ECMA-376 part 1, §18.17.4.1). */
const EPOCH_SERIAL = 25_569;
/** 1900-03-01. Before it, Excel counts 29 February 1900, which did not exist. */
const FIRST_SERIAL = 61;
/** The day after 9999-12-31, the last day that spreadsheets know. */
const END_SERIAL = 2_958_466;
/** The latest instant that Temporal and Date can represent, in Unix milliseconds. */
const LAST_INSTANT = 8.64e15;

const zonedAt = (at: number, zone: string): Temporal.ZonedDateTime | undefined =>
  Math.abs(at) <= LAST_INSTANT
    ? Temporal.Instant.fromEpochMilliseconds(Math.round(at)).toZonedDateTimeISO(zone)
    : undefined;

/** An instant as local time of a zone with its offset: `2027-02-15T11:00:00+01:00`. Empty if it is out of range. */
export const isoTime = (at: number, zone: string): string =>
  zonedAt(at, zone)?.toString({ timeZoneName: 'never', smallestUnit: 'second' }) ?? '';

/** An instant as local time of a zone, in days since 1899-12-30, as spreadsheets count. undefined if out of their range. */
export const serialTime = (at: number, zone: string): number | undefined => {
  const zoned = zonedAt(at, zone);
  return zoned && known(serialOf(at + zoned.offsetNanoseconds / 1e6));
};

/** A date such as `2027-02-15` in days since 1899-12-30. undefined if it is no date or out of range. */
export const serialDay = (day: string): number | undefined => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : Number.NaN;
  // Date.parse takes 2027-02-31 for 2027-03-03.
  const exists = !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
  return exists ? known(serialOf(at)) : undefined;
};

/** Adds before dividing, so that there is only one rounding. */
const serialOf = (at: number): number => (at + EPOCH_SERIAL * DAY) / DAY;

const known = (serial: number): number | undefined =>
  serial >= FIRST_SERIAL && serial < END_SERIAL ? serial : undefined;
