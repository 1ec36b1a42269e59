import { describe, expect, test } from 'vitest';
import { type Invite, planInvite } from '../../../src/deliver/email/invite.ts';
import { inviteFault } from '../../../src/deliver/email/invite-guard.ts';
import type { SentInvite } from '../../../src/store/ports.ts';
import { T0 } from '../../support/builders.ts';
import { aRequest } from './invites.ts';

const invite = (): Invite => {
  const planned = planInvite(aRequest(), undefined, T0);
  if ('none' in planned) throw new Error(planned.none);
  return planned;
};
const good = invite();
const edited = (from: string | RegExp, to: string): Invite => {
  const text = good.text.replace(from, to);
  expect(text).not.toBe(good.text);
  return { ...good, text };
};
const before = (overrides: Partial<SentInvite>): SentInvite => ({
  ...good.sent,
  version: good.sent.version - 10,
  stamp: good.sent.stamp - 60_000,
  ...overrides,
});

describe('an invite whose text calendars would misread', () => {
  test.each([
    ['its METHOD is not the one the mail names', /METHOD:REQUEST/, 'METHOD:PUBLISH'],
    ['its UID is another one', 'UID:bk_1@', 'UID:bk_2@'],
    ['its STATUS does not fit its METHOD', 'STATUS:CONFIRMED', 'STATUS:CANCELLED'],
    ['it has no organiser', /ORGANIZER[^\r]*\r\n/, ''],
    ['it is not to exactly one person', 'STATUS:', 'ATTENDEE:mailto:evil@example.com\r\nSTATUS:'],
    ['it has no SEQUENCE', 'SEQUENCE:0', 'SEQUENCE:7'],
    ['it has no SEQUENCE', 'SEQUENCE:0\r\n', ''],
    ['its DTSTAMP is not in UTC', /DTSTAMP:(\w+)Z/, 'DTSTAMP:$1'],
    ['its times are neither in UTC nor dates', 'DTSTART:20270215T100000Z', 'DTSTART:20270215T100000'],
    ['its times are neither in UTC nor dates', 'DTEND:20270215T110000Z', 'DTEND;VALUE=DATE:20270216'],
    ['it ends before it begins', 'DTEND:20270215T110000Z', 'DTEND:20270215T095959Z'],
    ['it is not exactly one event', 'END:VEVENT', 'END:VEVENT\r\nBEGIN:VEVENT\r\nEND:VEVENT'],
  ])('is held back: %s', (why, from, to) => {
    expect(inviteFault(edited(from, to), undefined)).toBe(why);
  });
});

describe('an invite that calendars would ignore after what they were told', () => {
  test.each<[string, Partial<SentInvite>]>([
    ['calendars were told something newer', { version: good.sent.version + 10 }],
    ['its SEQUENCE is lower than the last one', { sequence: 1 }],
    ['its METHOD is another one, and its SEQUENCE is not higher', { method: 'CANCEL' }],
    ['its times differ, and its SEQUENCE is not higher', { times: 'others' }],
    ['calendars would take it for one they had', { stamp: good.sent.stamp }],
    ['a repetition has a new DTSTAMP', { version: good.sent.version }],
  ])('is held back: %s', (why, previous) => {
    expect(inviteFault(good, before(previous))).toBe(why);
  });

  test('is held back: a cancellation of what was never put in', () => {
    const cancel = edited('STATUS:CONFIRMED', 'STATUS:CANCELLED').text.replace('METHOD:REQUEST', 'METHOD:CANCEL');
    expect(inviteFault({ ...good, method: 'CANCEL', text: cancel }, undefined)).toBe('calendars were never told of it');
  });
});

test('a first invite, a later one and a repeated one pass', () => {
  expect(inviteFault(good, undefined)).toBeUndefined();
  expect(inviteFault(good, before({}))).toBeUndefined();
  expect(inviteFault(good, good.sent)).toBeUndefined();
});
