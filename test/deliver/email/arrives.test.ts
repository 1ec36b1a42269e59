import fc from 'fast-check';
import type { ParsedMail } from 'mailparser';
import { expect, test } from 'vitest';
import { oneLine } from '../../../src/template/filters.ts';
import type { EmailTemplate } from '../../../src/template/library.ts';
import { hostileText } from '../../support/hostile.ts';
import { inviteIn } from './calendar.ts';
import { channelTo, delivery, tools } from './channel.ts';
import { readInvite } from './invites.ts';
import { serve } from './mails.ts';

/** Text that would have an effect if anything interpreted it. */
const hostile = fc.oneof(
  hostileText,
  fc.constantFrom(
    'John <eve@evil.example>, x',
    'John\r\nBcc: eve@evil.example',
    'John" <eve@evil.example>',
    '=?utf-8?Q?=0D=0ABcc:_eve=40evil.example?=',
    'x\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n',
    '\r\n\r\n<h1>Hi</h1>\r\n--x\r\nContent-Type: text/html',
    'x\r\nATTENDEE:mailto:eve@evil.example',
    'END:VEVENT\r\nEND:VCALENDAR',
    'Zażółć "gęślą" jaźń, 東京; \\n',
    'x'.repeat(2_000),
  ),
);

const HEADERS = [
  ...['from', 'to', 'cc', 'reply-to', 'subject', 'message-id', 'date', 'in-reply-to', 'references', 'thread-topic'],
  ...['auto-submitted', 'x-auto-response-suppress', 'mime-version', 'content-type'],
];

const addressesIn = (field: ParsedMail['to']): (string | undefined)[] =>
  [field ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address));

/** The content types of the message and its parts in order, from the raw bytes. */
const partsOf = ({ headers, envelope }: ParsedMail & { envelope: { raw: Buffer } }): (string | undefined)[] => {
  const whole = headers.get('content-type') as { value: string; params: Record<string, string> };
  const [, ...parts] = envelope.raw.toString('latin1').split(`\r\n--${whole.params.boundary}`);
  expect(parts.pop()).toMatch(/^--\s*$/);
  return [whole.value, ...parts.map((part) => /^\r\nContent-Type: ([^;\r]+)/.exec(part)?.[1])];
};

/** Puts text into the mail as it was typed: templates have tests of their own. */
const raw: EmailTemplate = {
  name: 'raw',
  render: ({ data }) => ({
    subject: `[Confirmed] Your booking: ${data.title}`,
    html: `<p>Hello</p><pre>${data.title}</pre>`,
    text: `Hello\n\n.\n${data.title}`,
  }),
};

const typedWords = fc.record({ name: hostile, fromName: hostile, replyTo: hostile, title: hostile, location: hostile });

test('whatever was typed, what arrives is one mail to one person, its parts in order, with one invite for them', async () => {
  const server = await serve();
  const templates = new Map([[raw.name, raw]]);
  const channel = await channelTo(server.url, { templates: () => templates });
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(typedWords, fc.boolean(), async ({ name, fromName, replyTo, title, location }, copied) => {
      runs += 1;
      server.clear();
      const copies = copied ? { cc: ['office@example.com'], bcc: ['boss@example.com'] } : {};
      const data = {
        id: `bk_${runs}`,
        title,
        location,
        status: 'CONFIRMED',
        start_time: '2027-02-15T10:00:00Z',
        end_time: '2027-02-15T11:00:00Z',
      };
      const webhook = { id: `wh_${runs}`, type: 'booking.confirmed', data };
      // Replies go where the rule says, or there is no mail.
      const asked = {
        template: raw.name,
        invite: true,
        name,
        fromName,
        replyTo: `${replyTo} <anna@example.com>`,
        ...copies,
      };
      const planned = delivery(asked, { id: `dl_${runs}`, webhook });
      const failed = await channel.perform(planned, tools).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failed) {
        expect(failed).toMatchObject({ code: 'invalid_reply_to' });
        expect(oneLine(replyTo)).toMatch(/[<>@]/);
        expect(server.messages).toEqual([]);
        return;
      }

      expect(server.messages.map(({ from, to }) => [from, ...to])).toEqual([
        ['bookings@example.com', 'john@example.com'],
        ...(copied ? [['bookings@example.com', 'office@example.com', 'boss@example.com']] : []),
      ]);
      for (const mail of await server.parsed()) {
        const { envelope, headers } = mail;
        expect(partsOf(mail)).toEqual(['multipart/alternative', 'text/plain', 'text/html', 'text/calendar']);
        expect([...headers.keys()].filter((key) => !HEADERS.includes(key))).toEqual([]);
        expect(new Set(mail.headerLines.map(({ key }) => key)).size).toBe(mail.headerLines.length);
        expect([mail.to, mail.cc, mail.bcc, mail.from, mail.replyTo].map(addressesIn)).toEqual([
          ['john@example.com'],
          copied ? ['office@example.com'] : [],
          [],
          ['bookings@example.com'],
          ['anna@example.com'],
        ]);
        expect(envelope.raw.includes('boss@')).toBe(false);
        for (const shown of [mail.subject, mail.from?.value[0]?.name, headers.get('thread-topic')]) {
          expect(shown).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
        }
        for (const line of envelope.raw.toString('latin1').split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
        const read = readInvite(inviteIn(mail) ?? '');
        expect(read).toMatchObject({
          method: 'REQUEST',
          uid: `bk_${runs}@webkasa-bot`,
          start: { text: data.start_time },
        });
        expect(mail.text).toMatch(/^Hello\n\n\.\n/);
      }
    }),
    { numRuns: 50 },
  );
});
