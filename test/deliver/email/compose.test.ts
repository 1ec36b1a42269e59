import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { expect, test } from 'vitest';
import type { PlannedEmail } from '../../../src/core/delivery.ts';
import { composeEmail } from '../../../src/deliver/email/compose.ts';
import type { MailMessage } from '../../../src/deliver/email/transport.ts';
import { connect, never, serve } from './mails.ts';

const sender = { from: { name: 'Studio', address: 'bookings@example.com' } };
const rendered = { subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' };
const compose = (email: Partial<PlannedEmail>, id = 'dl_1', parts = rendered): MailMessage =>
  composeEmail(id, { to: 'john@example.com', template: 'greeting', ...email }, parts, sender);

// What header injection is made of, in any order.
const piece = fc.oneof(
  fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '\0',
    'Bcc: eve@evil.example',
    '<eve@evil.example>',
    ',',
    ';',
    ':',
    '"',
    '\\',
    '(',
  ),
  fc.constantFrom('=?utf-8?Q?=0D=0ABcc:_eve=40evil.example?=', '\u202e', '\u2028', '\ud800', 'é', '😀', ' ', '.'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

const HEADERS = [
  'auto-submitted',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'reply-to',
  'subject',
  'thread-topic',
  'to',
  'x-auto-response-suppress',
];

const asSent = async (message: MailMessage) => {
  const composer = createTransport({ streamTransport: true as const, buffer: true });
  const sent = await composer.sendMail(message);
  const mail = await simpleParser(sent.message as Buffer);
  return { envelope: sent.envelope, mail };
};

test('hostile names and subjects add no recipient and no header', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, hostile, async (name, subject, id, fromName) => {
      const { envelope, mail } = await asSent(
        compose({ name, subject, fromName }, id, { ...rendered, subject: 'Hello' }),
      );
      expect(envelope).toEqual({ from: 'bookings@example.com', to: ['john@example.com'] });
      expect([...mail.headers.keys()].filter((header) => !HEADERS.includes(header))).toEqual([]);
      expect(mail).toMatchObject({ to: { value: [{ address: 'john@example.com' }] }, text: 'Hello' });
      expect(mail.headerLines.filter(({ key }) => key === 'to')).toHaveLength(1);
      const to = Array.isArray(mail.to) ? mail.to : [mail.to];
      expect(mail.from?.value).toMatchObject([{ address: 'bookings@example.com' }]);
      const shownTexts = [
        mail.subject,
        to[0]?.value[0]?.name,
        mail.from?.value[0]?.name,
        mail.headers.get('thread-topic'),
      ];
      for (const shown of shownTexts) expect(shown).not.toMatch(/[\r\n\0\u202e]/);
      expect(mail.messageId).toMatch(/^<[\w.-]*@example\.com>$/);
    }),
    { numRuns: 300 },
  );
});

test('a text that is not exactly one address is refused, one that is is the only recipient', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        hostile,
        hostile.map((text) => `john@example.com${text}`),
      ),
      async (to) => {
        let message: MailMessage;
        try {
          message = compose({ to });
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_recipient', verdict: 'permanent' });
          return;
        }
        const { envelope } = await asSent(message);
        expect(envelope.to).toHaveLength(1);
      },
    ),
    { numRuns: 300 },
  );
});

test.each(['john@example.com', "o'brien+tag@sub.example.com", 'jörg@exämple.de', 'root@localhost'])(
  '%s is an address',
  (to) => {
    expect(compose({ to }).to).toEqual({ name: '', address: to });
  },
);

test.each([
  '',
  'john',
  '@example.com',
  'john@',
  'john@example.com eve@example.com',
  'John <john@example.com>',
  '"eve@evil.example x"@example.com',
  'john@[127.0.0.1]',
  'john@example.com\u202e',
  `${'x'.repeat(64)}@${'y'.repeat(190)}.com`,
])('%j is no address', (to) => {
  expect(() => compose({ to })).toThrow('is not one mail address');
});

test('the same delivery has the same Message-ID each time, and another delivery another', () => {
  expect(compose({}, 'dl_1').messageId).toBe('<dl_1@example.com>');
  expect(compose({}, 'dl_1').messageId).toBe(compose({ subject: 'x' }, 'dl_1').messageId);
  expect(compose({}, 'dl_2').messageId).not.toBe(compose({}, 'dl_1').messageId);
});

test('a mail without any subject still has one, and a long one is shortened', () => {
  expect(compose({}, 'dl_1', { ...rendered, subject: '' }).subject).not.toBe('');
  expect(compose({ subject: 'x'.repeat(5000) }).subject).toHaveLength(200);
});

test('letters of any script arrive as they were, also in the name', async () => {
  const server = await serve();
  const message = compose({ name: 'Жанна "Jo" d’Arc, 東京', subject: 'Grüße 😀' });
  await connect(server.url).send({ id: 'dl_1', at: 0, message }, never);
  const [mail] = await server.parsed();
  expect(mail?.envelope.to).toEqual(['john@example.com']);
  expect(mail).toMatchObject({ subject: 'Grüße 😀', to: { value: [{ name: 'Жанна "Jo" d’Arc, 東京' }] } });
});
