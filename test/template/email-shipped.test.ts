import { join } from 'node:path';
import fc from 'fast-check';
import { HtmlValidate } from 'html-validate';
import { describe, expect, test } from 'vitest';
import { KNOWN_TYPES, type KnownType } from '../../src/core/webhook.ts';
import { SAMPLES } from '../../src/samples/index.ts';
import { loadEmailTemplates } from '../../src/template/email.ts';
import type { RenderedEmail } from '../../src/template/library.ts';
import { viewOf } from '../../src/template/view.ts';

const { templates, problems } = await loadEmailTemplates(join(import.meta.dirname, '../../templates/email'));
const settings = { timezone: 'Europe/Berlin', locale: 'en-US', public_url: 'http://localhost:3000' };

type Known = { movedFrom?: string | null; event?: Readonly<Record<string, unknown>> | null };

/** The mail of a type's sample with some fields changed; `undefined` takes one away. */
const mailOf = (type: KnownType, changes: Record<string, unknown> = {}, known: Known = {}): RenderedEmail => {
  const webhook = SAMPLES[type];
  const data = { ...(webhook.data as object), ...changes };
  return render(type, { ...webhook, data }, known);
};

const render = (type: KnownType, webhook: object, { movedFrom = null, event = null }: Known = {}): RenderedEmail => {
  const template = templates.get(type.replace('.', '-'));
  if (!template) throw new Error(`there is no template for ${type}`);
  return template.render(viewOf({ id: 'wh_1', type, ...webhook }, { movedFrom, event }, settings));
};

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

/** What a reader of the HTML part sees. */
const textOfHtml = (html: string): string => {
  const body = html.slice(html.indexOf('</div>', html.indexOf('<body')));
  const text = body.replace(/<!--.*?-->|<[^>]*>/gs, '\n').replace(/&nbsp;|&#8202;/g, '');
  return text.replace(/&\w+;|&#39;/g, (entity) => ENTITIES[entity] ?? entity);
};

// The two parts punctuate rows in their own way.
const words = (text: string): string[] => text.match(/[\p{L}\p{N}_'$]+/gu) ?? [];

/** What mail programs need is looser than what browsers should get: styles on elements, tables for the look. */
const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:standard'],
  rules: {
    'attribute-boolean-style': 'off',
    'attribute-empty-style': 'off',
    'no-deprecated-attr': 'off',
    'no-inline-style': 'off',
    'no-implicit-input-type': 'off',
    'no-trailing-whitespace': 'off',
    'void-style': 'off',
    'aria-label-misuse': 'off',
    'no-conditional-comment': 'off',
    'long-title': 'off',
    'prefer-native-element': 'off',
  },
});

/** Gmail cuts a mail off behind so many bytes. */
const GMAIL_CLIPS = 102_000;

const sampleEvent = SAMPLES['event.created'].data as Record<string, unknown>;

test('all nine types have a mail, without any problem', () => {
  expect(problems).toEqual([]);
  expect([...templates.keys()].sort()).toEqual(
    [...KNOWN_TYPES.map((type) => type.replace('.', '-')), 'booking-moved', 'team-booking'].sort(),
  );
});

describe.each(KNOWN_TYPES)('%s', (type) => {
  const variants: [string, () => RenderedEmail][] = [
    ['its sample', () => mailOf(type, {}, { event: sampleEvent })],
    ['a moved one', () => mailOf(type, {}, { movedFrom: '2027-02-14T09:00:00.000Z' })],
    ['one with a title and a place', () => mailOf(type, { title: 'Haircut & more', location: 'Linienstraße 12' })],
    ['one without data', () => render(type, {})],
    ['one with notes', () => mailOf(type, { notes: 'First\n\nsecond', description: 'First\r\nsecond', cost: 0 })],
  ];

  test.each(variants)('says the same in both parts: %s', (_name, mail) => {
    const { html, text } = mail();
    expect(words(textOfHtml(html))).toEqual(words(text));
  });

  test.each(variants)('leaves nothing ugly: %s', (_name, mail) => {
    const { subject, html, text } = mail();
    expect(subject).toMatch(/^\S.*\S$/);
    for (const part of [subject, textOfHtml(html), text]) {
      expect(part).not.toMatch(/undefined|null|NaN|\[object|\{\{|\{%|Invalid Date/);
      expect(part).not.toMatch(/ [,:.]|\(\)|: *$/);
    }
    expect(text).not.toMatch(/\n{3}|[ \t]\n/);
  });

  test('is light, and needs nothing from elsewhere', () => {
    const { html } = mailOf(type, {}, { event: sampleEvent });
    expect(html.length).toBeLessThan(20_000);
    expect(html).not.toMatch(/src=|href=|url\(|@import|<script/i);
    expect(html).toMatch(/^<!doctype html>/);
  });

  test.each(variants)('is HTML that an independent checker accepts: %s', async (_name, mail) => {
    const { results } = await validator.validateString(mail().html);
    expect(results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`))).toEqual(
      [],
    );
  });

  test('is not clipped, however much somebody typed', () => {
    const long = '<&"> 👩‍👩‍👧 '.repeat(20_000);
    const fields = Object.fromEntries(
      FIELDS.filter((field) => !/time|date|zone/.test(field)).map((field) => [field, long]),
    );
    expect(Buffer.byteLength(mailOf(type, fields, { event: { ...sampleEvent, ...fields } }).html)).toBeLessThan(
      GMAIL_CLIPS,
    );
  });

  test('survives whatever is in the data', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue()), fc.jsonValue(), (data, id) => {
        const { start_time: start = null } = data;
        const movedFrom = typeof start === 'string' ? start : JSON.stringify(start);
        const rendered = render(type, { id, data }, { event: data, movedFrom });
        const body = rendered.html.slice(rendered.html.indexOf('<body'));
        expect(body).not.toMatch(/<(?!\/?(?:html|body|div|table|tbody|tr|td|h1|p|span)\b|!)/);
        expect(rendered.subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 60 },
    );
  });
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

test('a booking that still has to be approved is a request, a confirmed one is booked', () => {
  const pending = mailOf('booking.created', { status: 'PENDING' });
  expect(pending.subject).toBe('We have your request: Monday, February 15, 2027');
  expect(pending.text).toContain('not confirmed yet');
  const confirmed = mailOf('booking.created', { status: 'CONFIRMED', title: 'Haircut' });
  expect(confirmed.subject).toBe("You're booked: Haircut on Monday, February 15, 2027");
  expect(confirmed.text).not.toContain('request');
});

test('the time comes with its zone', () => {
  const line = 'When: Monday, February 15, 2027, 11:00 AM – 12:00 PM (GMT+1, Europe/Berlin)\n';
  expect(mailOf('booking.created').text).toContain(line);
});

test('a moved booking says so, with the new time and the old', () => {
  const { subject, text, html } = mailOf('booking.confirmed', {}, { movedFrom: '2027-02-14T09:00:00.000Z' });
  expect(subject).toBe('Your booking has a new time: Monday, February 15, 2027');
  expect(text).toContain('New time: Monday, February 15, 2027, 11:00 AM');
  expect(text).toContain('Was: Sunday, February 14, 2027, 10:00 AM');
  expect(html).toContain('line-through');
  expect(mailOf('booking.confirmed').text).not.toContain('Was:');
});

test('a registration tells of its event where that is known, and of guests and notes', () => {
  const { subject, text } = mailOf('registration.created', {}, { event: sampleEvent });
  expect(subject).toBe("You're registered: Monthly Meditation on Monday, February 15, 2027");
  expect(text).toContain('When: Monday, February 15, 2027, 7:00 PM – 9:00 PM (PST, America/Los_Angeles)\n');
  expect(text).toContain('Guests: 2\nYour notes:\n    Dietary restrictions: vegan\n');
  expect(mailOf('registration.created').text).not.toContain('Event:');
});

test('what somebody typed stays text, on its own lines', () => {
  const notes = '<img src=x onerror=alert(1)>\nBooking number: bk_forged\n{{ settings.public_url }}';
  const { html, text } = mailOf('registration.created', { attendee_name: '<script>alert(1)</script>', notes });
  expect(html).toContain('Hello &lt;script&gt;alert(1)&lt;/script&gt;,');
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
