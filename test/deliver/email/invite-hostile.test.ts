import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { expect, test } from 'vitest';
import { inviteUid, planInvite } from '../../../src/deliver/email/invite.ts';
import { inviteFault } from '../../../src/deliver/email/invite-guard.ts';
import { inviteAlternatives } from '../../../src/deliver/email/invite-part.ts';
import { T0 } from '../../support/builders.ts';
import { hostileText } from '../../support/hostile.ts';
import { aRequest, readInvite } from './invites.ts';

const ALWAYS = ['uid', 'sequence', 'dtstamp', 'dtstart', 'dtend', 'summary', 'organizer', 'attendee', 'status'];
const MAY = [...ALWAYS, 'location', 'description', 'url'];

/** Text that would become a property of its own if it were not escaped. */
const injection = fc.constantFrom(
  'x\r\nATTENDEE:mailto:evil@example.com',
  'x\nEND:VEVENT\nBEGIN:VEVENT',
  'a";X=b:mailto:evil@example.com',
  'x\\nATTENDEE:mailto:evil@example.com\\',
  'x\u2028METHOD:CANCEL\u0085UID:other',
  `${'ü'.repeat(74)}🦊,;\\`,
  'https://meet.example/a\r\nX-EVIL:1',
  'https://meet.example/a,b;c?d="e"#\\',
  'javascript:alert(1)',
  'http://user:pass@meet.example/',
);
const anything = fc.oneof(hostileText, injection, fc.string({ unit: 'binary', maxLength: 300 }));

test('whatever was typed, an invite is one event with no property of its own making, in lines that fit', () => {
  fc.assert(
    fc.property(
      fc.record({
        name: anything,
        title: anything,
        location: anything,
        description: anything,
        url: anything,
        id: anything,
      }),
      (typed) => {
        const { id, name, ...data } = typed;
        const request = aRequest(
          { resource: { kind: 'booking', id }, attendee: { name, address: 'john@example.com' } },
          data,
        );
        const planned = planInvite({ ...request, facts: { event: data, schedule: { name } } }, undefined, T0);
        if ('none' in planned) throw new Error(planned.none);

        const read = readInvite(planned.text);
        expect(MAY).toEqual(expect.arrayContaining(read.names));
        expect(read.names).toEqual(expect.arrayContaining(ALWAYS));
        expect(new Set(read.names).size).toBe(read.names.length);
        expect(read).toMatchObject({ method: 'REQUEST', status: 'CONFIRMED', sequence: 0, uid: planned.uid });
        expect(read.attendee?.getFirstValue()).toMatch(/^mailto:john@example\.com$/i);
        expect(read.organizer?.getFirstValue()).toBe('mailto:bookings@studio.example');
        expect(planned.uid).toMatch(/^[\w-]{1,120}@webkasa-bot$/);
        for (const words of [read.summary, read.location, read.description].map((value) => String(value ?? ''))) {
          expect(words).not.toMatch(/[\p{Cc}\u202E\u2028]/u);
          expect(words.length).toBeLessThan(9_000);
        }
        if (read.url) expect(read.url).toMatch(/^https:\/\/[^@\s]+$/);
        expect(inviteFault(planned, undefined)).toBeUndefined();

        expect(planned.text.endsWith('\r\n')).toBe(true);
        expect(planned.text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        for (const line of planned.text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      },
    ),
    { numRuns: 300 },
  );
});

test('an address is nothing but an address, whatever characters are in it', () => {
  const address = 'john?cc=eve%40evil.example&b/{c}@example.com';
  const planned = planInvite(aRequest({ attendee: { name: '', address } }), undefined, T0);
  if ('none' in planned) throw new Error(planned.none);

  const uri = new URL(String(readInvite(planned.text).attendee?.getFirstValue()));
  expect([uri.search, uri.hash, decodeURIComponent(uri.pathname)]).toEqual(['', '', address]);
});

test('what was typed reads as it was typed', () => {
  const typed = { title: 'Brows; lashes, "lift" \\ 100 % 🦊', location: 'Łódź, Piotrkowska 1; 2nd floor' };
  const planned = planInvite(aRequest({}, typed), undefined, T0);
  if ('none' in planned) throw new Error(planned.none);

  expect(readInvite(planned.text)).toMatchObject({ summary: typed.title, location: typed.location, url: null });
});

test('a place that is a link can be followed', () => {
  const planned = planInvite(aRequest({}, { location: 'https://meet.example/abc?x=1,2' }), undefined, T0);
  if ('none' in planned) throw new Error(planned.none);

  expect(readInvite(planned.text).url).toBe('https://meet.example/abc?x=1%2C2');
});

test('no two resources share a UID, and none loses its own', () => {
  fc.assert(
    fc.property(anything, anything, fc.constantFrom('booking', 'registration'), (one, other, kind) => {
      const [first, second] = [one, other].map((id) => inviteUid({ kind, id }));
      expect(first === second).toBe(one === other);
    }),
  );
  expect(inviteUid({ kind: 'booking', id: '7' })).not.toBe(inviteUid({ kind: 'event', id: '7' }));
});

test('the invite is the last of the alternatives, and its method is in the type of its part', async () => {
  const planned = planInvite(aRequest({}, { title: 'Łashes '.repeat(40) }), undefined, T0);
  if ('none' in planned) throw new Error(planned.none);
  const sent = await createTransport({ streamTransport: true, buffer: true }).sendMail({
    from: 'bookings@studio.example',
    to: 'john@example.com',
    text: 'text',
    html: '<p>html</p>',
    alternatives: inviteAlternatives(planned),
  });
  const raw = String(sent.message);

  expect([...raw.matchAll(/^Content-Type: (.*)$/gm)].map(([, type]) => type?.split(';')[0]?.trim())).toEqual([
    'multipart/alternative',
    'text/plain',
    'text/html',
    'text/calendar',
  ]);
  expect(raw.replace(/\r\n[ \t]/g, ' ')).toMatch(/Content-Type: text\/calendar; charset=utf-8; method=REQUEST/);
  expect(raw).not.toContain('Content-Disposition: attachment');
  const { attachments } = await simpleParser(sent.message);
  expect(attachments.map(({ contentType }) => contentType)).toEqual(['text/calendar']);
  expect(attachments[0]?.content.toString()).toBe(planned.text);
});
