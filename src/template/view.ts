import { saysCancelled } from '../core/cancelled.ts';
import { dataOf, type Webhook } from '../core/webhook.ts';
import { completed } from './complete.ts';
import { type When, whenOf, whenStarted } from './when.ts';
import { zoneFormats } from './zone-formats.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What every Liquid template sees: the webhook's own fields at the top, and what the bot knows besides. */
export type View = {
  readonly id: string;
  readonly type: string;
  readonly created_at: unknown;
  /** The webhook's data, and underneath what WebKasa's API knows of the booking or event. */
  readonly data: Readonly<Record<string, unknown>>;
  /** When the booking or event takes place; for a registration, its event. null where nothing says. */
  readonly when: When | null;
  /** When it was to take place before this webhook moved it; null where it moved nothing. */
  readonly moved_from: When | null;
  /** What of the data this webhook changed, with what was there before: `{ location: 'Town Hall' }`; empty where nothing. */
  readonly changed_from: Fields;
  /** In a mail to everyone registered for an event, the reader's own registration; else null. */
  readonly registration: Fields | null;
  /** The IANA zone that `when` is told in: the booking's, else the schedule's, else the event's, else TIMEZONE. */
  readonly zone: string;
  /** The booking as WebKasa's API knows it, which may be newer than `data`; else null. */
  readonly booking: Readonly<Record<string, unknown>> | null;
  /** The schedule of a booking as WebKasa's API knows it; else null. */
  readonly schedule: Readonly<Record<string, unknown>> | null;
  /** For a registration, the data of its event where an event webhook or WebKasa's API told of it; else null. */
  readonly event: Readonly<Record<string, unknown>> | null;
  readonly settings: ViewSettings;
};

export type ViewSettings = {
  readonly timezone: string;
  readonly locale: string;
  readonly public_url: string;
  /** The look that mails share, from `brand` in the rules file. */
  readonly brand?: Brand;
};

export type Brand = {
  readonly name?: string | undefined;
  /** An https address of a picture. */
  readonly logo?: string | undefined;
  /** `#1f5fbf` */
  readonly color?: string | undefined;
  readonly footer?: string | undefined;
};

/** What is known besides the webhook; `facts` where WebKasa's API was asked. */
export type Known = {
  readonly movedFrom: string | null;
  readonly event: Fields | null;
  readonly changedFrom?: Fields;
  /** Where the mail is to somebody registered for the webhook's event. */
  readonly registration?: { readonly data: Fields } | undefined;
  readonly facts?: { readonly booking: Fields | null; readonly schedule: Fields | null; readonly event: Fields | null };
};

export const viewOf = (webhook: Webhook, known: Known, settings: ViewSettings): View => {
  const { movedFrom, event: told, facts } = known;
  const isEvent = webhook.type.startsWith('event.');
  const data = completed(dataOf(webhook), (isEvent ? facts?.event : facts?.booking) ?? null);
  const event = isEvent ? null : told ? toldEvent(told, facts?.event ?? null) : (facts?.event ?? null);
  const schedule = facts?.schedule ?? null;
  const zone = zoneOf(data, schedule, settings);
  const zoned = data.timezone === zone ? data : { ...data, timezone: zone };
  let when: When | null | undefined;
  const whenever = (): When | null => {
    // Made when first asked for: most rules never do, and putting times into words is the dearest part of a view.
    when ??= whenOf(zoned, settings) ?? (event && whenOf(event, settings)) ?? undefined;
    return when ?? null;
  };
  return {
    id: webhook.id,
    type: webhook.type,
    created_at: webhook.created_at ?? null,
    data,
    get when() {
      return whenever();
    },
    get moved_from() {
      return movedFrom === null ? null : whenStarted(movedFrom, zone, settings);
    },
    changed_from: known.changedFrom ?? {},
    registration: known.registration?.data ?? null,
    get zone() {
      return whenOf(zoned, settings) === null && event ? zoneOf(event, null, settings) : zone;
    },
    booking: facts?.booking ?? null,
    schedule,
    event,
    settings,
  };
};

/** What webhooks told of a registration's event; the API alone may know yet that it was cancelled. */
const toldEvent = (told: Fields, known: Fields | null): Fields => {
  const whole = completed(told, known);
  return known && saysCancelled(known.status) ? { ...whole, status: known.status } : whole;
};

/** Whoever comes to a place reads its clocks, and a schedule's are the place's; else the data's own zone goes first. */
const zoneOf = (data: Fields, schedule: Fields | null, { locale, timezone }: ViewSettings): string => {
  const [own, theirs] = [data.timezone, schedule?.timezone];
  const zones = data.location_type === 'in_person' ? [theirs, own] : [own, theirs];
  const known = zones.find(
    (zone): zone is string => typeof zone === 'string' && zoneFormats(locale, zone) !== undefined,
  );
  return known ?? timezone;
};
