/** How instants (Unix milliseconds) are written in one locale and zone. */
export type ZoneFormats = {
  /** The zone's name as the data writes it, in the usual capitals: Asia/Kathmandu stays so where the runtime says Katmandu. */
  readonly zone: string;
  /** `Monday, February 15, 2027` */
  date(at: number): string;
  /** `Mon, Feb 15` */
  day(at: number): string;
  /** `10:00 AM` */
  clock(at: number): string;
  /**
   * `GMT+1, Europe/Berlin`, or the name alone where there is nothing shorter to tell; `GMT+1 → GMT+2, Europe/Berlin` where
   * the clocks change between the two.
   */
  zoneName(from: number, to: number): string;
};

// Making an Intl formatter takes several times as long as using one, and each mail and post needs four. What the data
// names as its zone is up to others, so the memory of them is bounded.
const MOST_KEPT = 200;
const kept = new Map<string, ZoneFormats>();

/** The formats of a locale and an IANA zone; undefined where the runtime does not know one of them. */
export function zoneFormats(locale: 'en-US', zone: 'UTC'): ZoneFormats;
export function zoneFormats(locale: string, zone: string): ZoneFormats | undefined;
export function zoneFormats(locale: string, zone: string): ZoneFormats | undefined {
  const key = `${locale} ${zone}`;
  const known = kept.get(key);
  if (known) return known;
  try {
    const made = makeFormats(locale, zone);
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, made);
    return made;
  } catch {
    return undefined;
  }
}

const makeFormats = (locale: string, zone: string): ZoneFormats => {
  const date = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  });
  const day = new Intl.DateTimeFormat(locale, { timeZone: zone, weekday: 'short', month: 'short', day: 'numeric' });
  const clock = new Intl.DateTimeFormat(locale, { timeZone: zone, hour: 'numeric', minute: '2-digit' });
  const name = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' });
  const { timeZone } = date.resolvedOptions();
  const written = new Temporal.ZonedDateTime(0n, zone).timeZoneId;
  const shortName = (at: number): string =>
    name.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  return {
    zone: written,
    date: (at) => plainSpaces(date.format(at)),
    day: (at) => plainSpaces(day.format(at)),
    clock: (at) => plainSpaces(clock.format(at)),
    zoneName: (from, to) => {
      const [first, last] = [shortName(from), shortName(to)];
      const short = first === last ? first : `${first} → ${last}`;
      return short === timeZone || short === written ? short : [short, written].filter(Boolean).join(', ');
    },
  };
};

/** ICU puts narrow no-break spaces into times; older mail programs and search show them as boxes or miss them. */
const plainSpaces = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');
