import { describe, expect, test } from 'vitest';
import { mailOf, render } from './shipped.ts';

const registration = {
  id: 'reg_1',
  data: { id: 'reg_1', attendee_name: 'Ana', attendee_email: 'ana@example.com', guest_count: 2, status: 'CONFIRMED' },
};

const changed = (
  changedFrom: Record<string, unknown>,
  movedFrom: string | null = null,
  data: Record<string, unknown> = {},
) => mailOf('event.updated', data, { registration, changedFrom, movedFrom }, 'event-changed');

/** The part of the text before the whole is told. */
const news = (text: string): string => text.slice(0, text.indexOf('This is the event as it stands now'));

describe('who is registered for an event that changed', () => {
  test('is told the new time first, with the old one, then the whole, and why', () => {
    const { subject, text, html } = changed({ start_date: '2027-02-08' }, '2027-02-08T19:00');
    expect(subject).toBe('[New time: Mon, Feb 15] Your registration: Monthly Meditation');
    expect(text).toMatch(/^Your event has a new time\n\nHello Ana,\n/);
    expect(news(text)).toContain(
      'New time: Monday, February 15, 2027, 7:00 PM – 9:00 PM (PST, America/Los_Angeles)\n' +
        'Was: Monday, February 8, 2027, 7:00 PM (PST, America/Los_Angeles)\n',
    );
    expect(text).toContain('Event: Monthly Meditation\nWhen: Monday, February 15, 2027, 7:00 PM');
    expect(text).toContain('Guests: 2\n');
    expect(text).toContain('Registration number: reg_1\n');
    expect(text).toContain('You get this email because you registered for this event.');
    expect(html).toMatch(/line-through;">Monday, February 8, 2027</);
  });

  test('is told the hour alone where the day stays', () => {
    const { subject } = changed({}, '2027-02-15T18:00');
    expect(subject).toBe('[New time: 7:00 PM – 9:00 PM] Your registration: Monthly Meditation');
  });

  test('is told the new place, with the old one', () => {
    const { subject, text } = changed({ location: 'Community Center' });
    expect(subject).toBe('[New place] Your registration: Monthly Meditation');
    expect(text).toMatch(/^Your event has a new place\n/);
    expect(news(text)).toContain('New place: Town Hall\nWas: Community Center\n');
  });

  test('is told both where both are new', () => {
    const { text } = changed({ location: 'Community Center' }, '2027-02-08T19:00');
    expect(text).toMatch(/^Your event has a new time and place\n/);
    expect(news(text)).toMatch(/New time: .*\nWas: .*\nNew place: .*\nWas: Community Center\n/);
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['a place that was not named before', { location: null }, {}, 'New place: Town Hall\n'],
    [
      'a place that is not named any more',
      { location: 'Attic' },
      { location: '' },
      'New place: Not given any more\nWas: Attic\n',
    ],
    ['an end that was not named before', { end_time: null }, {}, 'New end: 9:00 PM\n'],
    ['a price that was not named before', { cost: null }, {}, 'New price: $25.00\n'],
    [
      'a price that is not named any more',
      { cost: 20 },
      { cost: null },
      'New price: Not given any more\nWas: $20.00\n',
    ],
    ['a new name', { title: 'Yoga' }, {}, 'New name: Monthly Meditation\nWas: Yoga\n'],
    ['a new price', { cost: 0 }, {}, 'New price: $25.00\nWas: Free\n'],
    ['another end', { end_time: '20:30' }, {}, 'New end: 9:00 PM\nWas: 8:30 PM\n'],
    [
      'another zone',
      { timezone: 'Europe/Paris' },
      {},
      'New time: Monday, February 15, 2027, 7:00 PM – 9:00 PM (PST, America/Los_Angeles)\nWas: The same hours in Europe/Paris\n',
    ],
  ])('is told %s', (_name, before, data, lines) => {
    const { text, html } = changed(before, null, data);
    expect(news(text)).toContain(`of what is new:\n\n${lines}\n`);
    expect(html.includes('>Was<')).toBe(lines.includes('Was: '));
  });

  test('is told a time that was not named before, and the day where it is not named any more', () => {
    const day = 'Monday, February 15, 2027';
    const named = changed({ start_time: null }, '2027-02-15');
    expect(news(named.text)).toContain(`New time: ${day}, 7:00 PM – 9:00 PM (PST, America/Los_Angeles)\nWas: ${day}`);
    const taken = changed({ start_time: '19:00' }, '2027-02-15T19:00', { start_time: null, end_time: null });
    expect(taken.subject).toMatch(/^\[New time: Mon, Feb 15\] /);
    expect(news(taken.text)).toContain(`New time: ${day}`);
    expect(news(taken.text)).toContain(`Was: ${day}, 7:00 PM (PST, America/Los_Angeles)\n`);
  });

  test.each([[{}], [{ slots: 20 }], [{ end_time: '21:00:00' }]])(
    'is told the whole where nothing of it is new to them: %j',
    (before) => {
      const { subject, text } = changed(before);
      expect(subject).toBe('[Event changed] Your registration: Monthly Meditation');
      expect(text).toContain(
        'The event you registered for has changed.\n\nThis is the event as it stands now:\n\nEvent: ',
      );
      expect(text).not.toContain('Was:');
    },
  );
});

describe('who is registered for an event that is cancelled', () => {
  test('is told so kindly, with what becomes of the calendar and whom to ask', () => {
    const { subject, text, html } = mailOf('event.cancelled', {}, { registration });
    expect(subject).toBe('[Event cancelled] Your registration: Monthly Meditation');
    expect(text).toContain(
      "Hello Ana,\n\nWe are sorry: the event you registered for is cancelled and won't take place.",
    );
    expect(text).toContain('When: Monday, February 15, 2027, 7:00 PM');
    expect(html).toMatch(/line-through;">Monday, February 15/);
    expect(text).toContain('this email removes it there');
    expect(text).toContain('about your payment for example? Just reply.');
    expect(mailOf('event.cancelled', { cost: 0 }, { registration }).text).not.toContain('payment');
  });
});

test('the same mails to somebody else say what it is, without a registration', () => {
  for (const name of ['event-changed', 'event-cancelled']) {
    const { subject, text } = mailOf('event.cancelled', {}, { changedFrom: { location: 'Attic' } }, name);
    expect(subject).toMatch(/\] Event: Monthly Meditation$/);
    expect(text).toContain('For the team: event.cancelled');
    expect(text).not.toMatch(/you registered|Registration number|Your place/i);
  }
});

test.each([
  ['event.created', null, '[New on Mon, Feb 15] Event: Monthly Meditation (evt_abc123)'],
  ['event.updated', null, '[Changed] Event: Monthly Meditation (evt_abc123)'],
  ['event.updated', '2027-02-14T19:00', '[Moved to Mon, Feb 15] Event: Monthly Meditation (evt_abc123)'],
  ['event.cancelled', null, '[Cancelled] Event: Monthly Meditation (evt_abc123)'],
] as const)('the team is told of %s by one template, whichever name a rule gives it', (type, movedFrom, subject) => {
  const mail = mailOf(type, {}, { movedFrom }, 'team-event');
  expect(mail.subject).toBe(subject);
  expect(mail.text).toContain('Places: 30');
  expect(mailOf(type, {}, { movedFrom }, 'event-updated')).toEqual(mail);
  expect(mailOf(type, {}, { movedFrom }, 'event-created')).toEqual(mail);
});

test('an event without a title is called by its number', () => {
  const { subject } = render('team-event', { id: 'wh_1', type: 'event.updated', data: { id: 'evt_9' } });
  expect(subject).toBe('[Changed] Event evt_9');
});
