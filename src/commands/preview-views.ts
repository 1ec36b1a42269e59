import type { Config } from '../config.ts';
import { dataOf } from '../core/webhook.ts';
import { type View, viewOf } from '../template/view.ts';
import { dayBefore, type SampleMail, sampleMail } from './sample-mails.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Hostile input, as people type it into forms. */
const HOSTILE = {
  title: '[Confirmed] <script>alert(1)</script> {{ data.id }} "Haircut" & more',
  attendee_name: `<img src=x onerror=alert(1)> ${'Wolfeschlegelsteinhausenbergerdorff'.repeat(4)}`,
  location: `https://evil.example/${'a'.repeat(300)}`,
  notes: `First line\r\nBooking number: bk_forged\n\u202Egnp.exe {% raw %}\n${'👩‍👩‍👧 long '.repeat(400)}`,
  description: `</td></tr></table><style>body{display:none}</style>\n${'W'.repeat(3000)}`,
} as const;

/** Hostile values as an event had them before an update. */
const HOSTILE_BEFORE = {
  title: 'W'.repeat(500),
  location: HOSTILE.title,
  cost: { toString: 'x' },
  end_time: '\r\n',
} as const;

/** Right-to-left scripts, emoji, and letters with combining marks. */
const SCRIPTS = {
  title: 'استشارة أولى (30 دقيقة)',
  attendee_name: 'דנה לוי 🌻',
  location: 'شارع الملك فيصل ١٢، الدوحة',
  notes: 'שלום, נגיע מעט מאוחר.\nNguyễn Thị Ánh 🎉',
  description: 'जुड़िए हमारे साथ 🧘‍♀️\nمرحبا بالجميع',
} as const;

/** Fields that a webhook may leave out. */
const OPTIONAL = ['title', 'location', 'description', 'cost', 'slots', 'end_time', 'guest_count', 'notes'];

export type PreviewView = {
  readonly name: 'sample' | 'pending' | 'cancelled' | 'moved' | 'bare' | 'night' | 'scripts' | 'hostile';
  readonly view: View;
};

/**
 * The sample data that a template is previewed with: the type it is named for, with required fields only, across midnight, in
 * other scripts, and hostile; and where that can occur also pending, cancelled and moved.
 */
export const previewViews = (
  template: string,
  config: Pick<Config, 'timezone' | 'locale' | 'publicUrl'>,
  now: number,
): PreviewView[] => {
  const settings = { timezone: config.timezone, locale: config.locale, public_url: config.publicUrl };
  const sample = sampleMail(template, now);
  const view = (name: PreviewView['name'], mail: SampleMail): PreviewView => ({
    name,
    view: viewOf(mail.webhook, mail, settings),
  });
  const { type } = sample.webhook;
  const moves = MOVE.test(template);
  const moved = moves ? movedSample(template, sample) : sample;
  return [
    view('sample', sample),
    ...(/^(?:booking|registration)\.created$/.test(type)
      ? [view('pending', withData(sample, { status: 'PENDING' })), view('cancelled', calledOff(sample))]
      : []),
    ...(moves ? [view('moved', moved)] : []),
    view('bare', { ...changed(moved, bare), event: null, changedFrom: {} }),
    view('night', changed(sample, overMidnight)),
    view('scripts', withData(moved, SCRIPTS)),
    view('hostile', { ...withData(moved, HOSTILE), changedFrom: type === 'event.updated' ? HOSTILE_BEFORE : {} }),
  ];
};

const MOVE = /-moved$|^booking-confirmed$|^event-(?:updated|changed)$|^team-/;

/** The sample after a move. For `team-event` an update, since a new event can't have been moved. */
const movedSample = (template: string, sample: SampleMail): SampleMail => ({
  ...sample,
  webhook: { ...sample.webhook, type: template === 'team-event' ? 'event.updated' : sample.webhook.type },
  movedFrom: dayBefore(dataOf(sample.webhook)),
});

/** Applies a change to the data of the webhook, of the event and of the registration. */
const changed = (mail: SampleMail, change: (data: Fields) => Fields): SampleMail => ({
  ...mail,
  webhook: { ...mail.webhook, data: change(dataOf(mail.webhook)) },
  event: mail.event && change(mail.event),
  ...(mail.registration && { registration: { ...mail.registration, data: change(mail.registration.data) } }),
});

const withData = (mail: SampleMail, data: Fields): SampleMail => changed(mail, (before) => ({ ...before, ...data }));

/** A booking that is cancelled by the time of the mail, or a registration for an event that is. */
const calledOff = (mail: SampleMail): SampleMail =>
  mail.event ? { ...mail, event: { ...mail.event, status: 'cancelled' } } : withData(mail, { status: 'CANCELLED' });

const bare = (data: Fields): Fields => ({
  ...Object.fromEntries(Object.entries(data).filter(([name]) => !OPTIONAL.includes(name))),
  // An event without a time takes the whole day.
  ...('start_date' in data && { start_time: null }),
});

/** From 11 PM to 1 AM in the local time of the place. Bookings have instants, so they also get a zone where that is so. */
const overMidnight = (data: Fields): Fields => {
  if ('start_date' in data) return { ...data, start_time: '23:00', end_time: '01:00' };
  const day = typeof data.start_time === 'string' ? Temporal.PlainDate.from(data.start_time.slice(0, 10)) : undefined;
  return day
    ? {
        ...data,
        timezone: 'America/Sao_Paulo',
        start_time: `${day.add({ days: 1 })}T02:00:00Z`,
        end_time: `${day.add({ days: 1 })}T04:00:00Z`,
      }
    : data;
};
