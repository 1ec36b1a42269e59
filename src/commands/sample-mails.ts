import { dataOf, isKnownType, KNOWN_TYPES, type KnownType, type Webhook } from '../core/webhook.ts';
import { freshPayload } from './payload.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The data of a sample mail: a webhook and what is known besides it. */
export type SampleMail = {
  readonly webhook: Webhook;
  readonly movedFrom: string | null;
  readonly changedFrom: Fields;
  /** For a registration, the data of its event; else null. */
  readonly event: Fields | null;
  /** For mails to everyone registered for an event, one of the registrations. */
  readonly registration?: { readonly id: string; readonly data: Fields };
};

/** Typical data for a mail template, chosen by its name, with a start in the days after `now` (Unix milliseconds). */
export const sampleMail = (template: string, now: number): SampleMail => {
  const type = typeFor(template);
  const webhook = sampleOf(type, now);
  const data = dataOf(webhook);
  const registration = dataOf(sampleOf('registration.created', now));
  return {
    webhook: type.startsWith('booking.') ? { ...webhook, data: { ...data, ...namedFor(type) } } : webhook,
    movedFrom: template.endsWith('-moved') ? dayBefore(data) : null,
    changedFrom: type === 'event.updated' ? { location: 'Community Center' } : {},
    event: type.startsWith('registration.') ? dataOf(sampleOf('event.created', now)) : null,
    ...(TO_REGISTERED.has(template) && { registration: { id: String(registration.id), data: registration } }),
  };
};

/** The start a day earlier, in the form resources keep it; null if there is no start. */
export const dayBefore = ({ start_date: day, start_time: time }: Fields): string | null => {
  if (typeof day === 'string') {
    const before = Temporal.PlainDate.from(day).subtract({ days: 1 });
    return typeof time === 'string' ? `${before}T${time}` : before.toString();
  }
  return typeof time === 'string' ? new Date(Date.parse(time) - 24 * 60 * 60_000).toISOString() : null;
};

const TO_REGISTERED = new Set(['event-changed', 'event-cancelled']);

const sampleOf = (type: KnownType, now: number): Webhook => ({ ...freshPayload(type, now), id: `wh_evt_${now}`, type });

/** Fields that WebKasa's API adds to most bookings. Most need no approval, so they are created as confirmed. */
const namedFor = (type: KnownType): Fields => ({
  title: 'First consultation',
  location: 'Linienstraße 12, Berlin',
  ...(type === 'booking.created' && { status: 'CONFIRMED' }),
});

/** The type in a template's name (`registration-cancelled`, `team-event`, `my-event-reminder`), else `booking.confirmed`. */
const typeFor = (template: string): KnownType => {
  const named = template.replace('-', '.');
  if (isKnownType(named)) return named;
  if (template === 'event-changed') return 'event.updated';
  const kind = ['registration', 'event', 'team-booking'].find((word) => template.includes(word))?.replace('team-', '');
  return KNOWN_TYPES.find((type) => kind !== undefined && type.startsWith(kind)) ?? 'booking.confirmed';
};
