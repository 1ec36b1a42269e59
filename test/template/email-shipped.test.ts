import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KNOWN_TYPES } from '../../src/core/webhook.ts';
import { mailOf, NAMES, problems, render, SAMPLE_EVENT } from './shipped.ts';

test('there is a mail for each of the nine types, and some for the team, without any problem', () => {
  expect(problems).toEqual([]);
  const more = ['booking-moved', 'event-changed', 'team-booking', 'team-event'];
  expect(NAMES).toEqual([...KNOWN_TYPES.map((type) => type.replace('.', '-')), ...more].sort());
});

const FIELDS = [
  'id',
  'title',
  'status',
  'attendee_name',
  'location',
  'start_time',
  'end_time',
  'start_date',
  'timezone',
  'cost',
  'slots',
  'notes',
  'description',
  'guest_count',
] as const;

const TYPE_OF: Record<string, string> = {
  'booking-moved': 'booking.confirmed',
  'event-changed': 'event.updated',
  'team-booking': 'booking.cancelled',
  'team-event': 'event.updated',
};

describe.each(NAMES)('%s', (name) => {
  const type = TYPE_OF[name] ?? name.replace('-', '.');

  test('has little to say of nothing, and says it well', () => {
    const { subject, text } = render(name, { id: 'wh_1', type });
    expect(subject).toMatch(/^\[[A-Z][\w ]+\] (?:Your|Booking|Event)/);
    expect(`${subject}\n${text}`).not.toMatch(/undefined|null|NaN|\[object|\{\{|\{%| [,:.]|\(\)/);
  });

  test('is not clipped, however much somebody typed', () => {
    // A webhook has a megabyte at the most.
    const long = '<&"> 👩‍👩‍👧 '.repeat(3000);
    const texts = FIELDS.filter((field) => !/time|date|zone/.test(field));
    const fields = Object.fromEntries(texts.map((field) => [field, long]));
    const event = { ...SAMPLE_EVENT, ...fields };
    const changedFrom = Object.fromEntries(texts.map((field) => [field, `old ${long}`]));
    const registration = { data: fields };
    const { html } = render(
      name,
      { id: 'wh_1', type, data: { ...event, end_time: '23:00' } },
      { event, changedFrom, registration },
    );
    expect(Buffer.byteLength(html)).toBeLessThan(102_000);
  });

  test('survives whatever is in the data', () => {
    const data = fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue());
    fc.assert(
      fc.property(data, data, data, fc.jsonValue(), (now, before, registered, id) => {
        const { start_time: start = null } = now;
        const mail = render(
          name,
          { id: id as string, type, data: now },
          {
            event: now,
            movedFrom: start === null ? null : typeof start === 'string' ? start : JSON.stringify(start),
            changedFrom: before,
            registration: { data: registered },
          },
        );
        const body = mail.html.slice(mail.html.indexOf('<body'));
        expect(body).not.toMatch(/<(?!\/?(?:html|body|div|table|tbody|tr|td|h1|p|span)\b|!)/);
        expect(mail.subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(mail.subject).toMatch(/^\[[^[\]]+\] (?:Your |Booking|Event)/);
      }),
      { numRuns: 60 },
    );
  });
});

test('a booking that still has to be approved is a request, a confirmed one is booked', () => {
  const pending = mailOf('booking.created', { status: 'PENDING' });
  expect(pending.subject).toBe('[Requested for Mon, Feb 15] Your booking');
  expect(pending.text).toContain('not confirmed yet');
  const confirmed = mailOf('booking.created', { status: 'CONFIRMED', title: 'Haircut' });
  expect(confirmed.subject).toBe('[Confirmed for Mon, Feb 15] Your booking: Haircut');
  expect(confirmed.text).not.toContain('request');
});

test('the time comes with its zone', () => {
  const line = 'When: Monday, February 15, 2027, 11:00 AM – 12:00 PM (GMT+1, Europe/Berlin)\n';
  expect(mailOf('booking.created').text).toContain(line);
});

test('a moved booking says so, with the new time and the old', () => {
  const { subject, text, html } = mailOf('booking.confirmed', {}, { movedFrom: '2027-02-14T09:00:00.000Z' });
  expect(subject).toBe('[Moved to Mon, Feb 15] Your booking');
  expect(text).toContain('New time: Monday, February 15, 2027, 11:00 AM');
  expect(text).toContain('Was: Sunday, February 14, 2027, 10:00 AM');
  expect(html).toContain('line-through');
  expect(mailOf('booking.confirmed').text).not.toContain('Was:');
});

test('a booking moved within its day tells the new hour in its subject', () => {
  const { subject } = mailOf('booking.confirmed', {}, { movedFrom: '2027-02-15T08:00:00.000Z' });
  expect(subject).toBe('[Moved to 11:00 AM – 12:00 PM] Your booking');
});

test('a registration tells of its event where that is known, and of guests and notes', () => {
  const { subject, text } = mailOf('registration.created', {}, { event: SAMPLE_EVENT });
  expect(subject).toBe('[Confirmed for Mon, Feb 15] Your registration: Monthly Meditation');
  expect(text).toContain('When: Monday, February 15, 2027, 7:00 PM – 9:00 PM (PST, America/Los_Angeles)\n');
  expect(text).toContain('Guests: 2\nYour notes:\n    Dietary restrictions: vegan\n');
  expect(mailOf('registration.created').text).not.toContain('Event:');
});

test.each(['cancelled', 'Canceled', 'CANCELLED'])(
  'a registration for an event that is %s says that it was cancelled, and promises no place',
  (status) => {
    const event = { ...SAMPLE_EVENT, status };
    for (const changes of [{}, { status: 'PENDING' }]) {
      const { subject, text, html } = mailOf('registration.created', changes, { event });
      expect(subject).toBe('[Event cancelled] Your registration: Monthly Meditation');
      expect(text).toContain('You registered for this event, but it was cancelled. You need not come.');
      expect(text).not.toMatch(/reserved|you're registered|plans change|write again/i);
      expect(html).toMatch(/line-through[^>]*>Monday, February 15, 2027/);
    }
    const { html } = mailOf('registration.created', {}, { event: { title: 'Open day', status } });
    expect(html).toContain('You need not come.');
    expect(html).not.toContain('reserved');
  },
);

test.each(['CANCELLED', 'canceled', 'DECLINED'])('a booking that came as %s is no request', (status) => {
  const { subject, text, html } = mailOf('booking.created', { status, title: 'Haircut' });
  expect(subject).toBe('[Cancelled] Your booking: Haircut');
  expect(text).toContain('was cancelled');
  expect(text).not.toMatch(/request|confirmed|can't make it/);
  expect(html).toMatch(/line-through[^>]*>Monday, February 15, 2027/);
});

test('what somebody typed stays text, on its own lines', () => {
  const notes = '<img src=x onerror=alert(1)>\nBooking number: bk_forged\n{{ settings.public_url }}';
  const { html, text } = mailOf('registration.created', { attendee_name: '<script>alert(1)</script>', notes });
  expect(html).toContain('Hello <span dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;</span>,');
  expect(html).not.toMatch(/<script|<img/);
  expect(text).toContain(
    '    <img src=x onerror=alert(1)>\n    Booking number: bk_forged\n    {{ settings.public_url }}\n',
  );
});

test('a name with a link in it is not greeted', () => {
  for (const name of ['Win at evil.example', 'https://evil.example', 'a@evil.example']) {
    expect(mailOf('booking.created', { attendee_name: name }).text).toContain('Hello,\n');
  }
  expect(mailOf('booking.created', { attendee_name: 'Dr. J. St. Mary' }).text).toContain('Hello Dr. J. St. Mary,\n');
});
