import type { Config } from '../config.ts';
import { dataOf, KNOWN_TYPES, type KnownType } from '../core/webhook.ts';
import { SAMPLES } from '../samples/index.ts';
import { type View, viewOf } from '../template/view.ts';

/** What people type into forms to see what gives. */
const HOSTILE = {
  title: '<script>alert(1)</script> {{ data.id }} "Haircut" & more',
  attendee_name: `<img src=x onerror=alert(1)> ${'Wolfeschlegelsteinhausenbergerdorff'.repeat(4)}`,
  location: `https://evil.example/${'a'.repeat(300)}`,
  notes: `First line\r\nBooking number: bk_forged\n\u202Egnp.exe {% raw %}\n${'👩‍👩‍👧 long '.repeat(400)}`,
  description: `</td></tr></table><style>body{display:none}</style>\n${'W'.repeat(3000)}`,
} as const;

const MOVED = '2027-02-14T09:00:00.000Z';

/** The data a template is shown with: that of the type it is named for, moved where it may have been, and hostile. */
export const previewViews = (
  template: string,
  config: Pick<Config, 'timezone' | 'locale' | 'publicUrl'>,
): { readonly name: 'sample' | 'pending' | 'moved' | 'hostile'; readonly view: View }[] => {
  const settings = { timezone: config.timezone, locale: config.locale, public_url: config.publicUrl };
  const type = typeFor(template);
  const sample = SAMPLES[type];
  const event = type.startsWith('registration.') ? dataOf(SAMPLES['event.created']) : null;
  const view = (changes: object, movedFrom: string | null = null, ofEvent = event): View =>
    viewOf({ ...sample, data: { ...dataOf(sample), ...changes } }, { movedFrom, event: ofEvent }, settings);
  const moves = template.endsWith('-moved') || template === 'booking-confirmed' || template === 'event-updated';
  return [
    { name: 'sample', view: view(NAMED[type.split('.')[0] ?? ''] ?? {}, template.endsWith('-moved') ? MOVED : null) },
    ...(template.endsWith('-created') ? [{ name: 'pending' as const, view: view({ status: 'PENDING' }) }] : []),
    ...(moves ? [{ name: 'moved' as const, view: view({}, MOVED) }] : []),
    { name: 'hostile', view: view(HOSTILE, moves ? MOVED : null, event && { ...event, ...HOSTILE }) },
  ];
};

/** What WebKasa's API knows of most bookings besides what its webhooks say. */
const NAMED: Readonly<Record<string, object>> = {
  booking: { title: 'Haircut', location: 'Linienstraße 12, Berlin', status: 'CONFIRMED' },
};

/** `registration-cancelled`, `team-booking`, `my-event-reminder`: of the type in its name, or a booking. */
const typeFor = (template: string): KnownType =>
  KNOWN_TYPES.find((type) => template === type.replace('.', '-')) ??
  KNOWN_TYPES.find((type) => template.includes(type.split('.')[0] ?? type)) ??
  'booking.created';
