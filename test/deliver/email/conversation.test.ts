import { expect, test } from 'vitest';
import type { ClaimedDelivery, PlannedEmail } from '../../../src/core/delivery.ts';
import type { MailTransport } from '../../../src/deliver/email/transport.ts';
import { tempStore } from '../../support/temp.ts';
import { channelTo, delivery, NOW, tools } from './channel.ts';
import { connect, failureOf, serve } from './mails.ts';

const about = (id: string, email: Partial<PlannedEmail> = {}, rest: Partial<ClaimedDelivery> = {}): ClaimedDelivery =>
  delivery(email, { id, webhook: { id: `wh_${id}`, type: 'booking.created', data: { id: 'bk_1' } }, ...rest });

test('the mails about a booking to one address are one conversation', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  for (const id of ['dl_1', 'dl_2', 'dl_3']) await channel.perform(about(id, { subject: `Mail ${id}` }), tools);
  const mails = await server.parsed();
  expect(mails.map(({ messageId, inReplyTo, references }) => [messageId, inReplyTo, references])).toEqual([
    ['<dl_1@example.com>', undefined, undefined],
    ['<dl_2@example.com>', '<dl_1@example.com>', '<dl_1@example.com>'],
    ['<dl_3@example.com>', '<dl_2@example.com>', ['<dl_1@example.com>', '<dl_2@example.com>']],
  ]);
  expect(mails.map(({ subject }) => subject)).toEqual(['Mail dl_1', 'Mail dl_2', 'Mail dl_3']);
  expect(mails.map(({ headers }) => headers.get('thread-topic'))).toEqual(['Mail dl_1', 'Mail dl_1', 'Mail dl_1']);
});

test('another booking, or another address, is another conversation', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  await channel.perform(about('dl_1'), tools);
  await channel.perform(about('dl_2', { to: 'ann@example.com' }, { destination: 'email:ann@example.com' }), tools);
  await channel.perform(
    about('dl_3', {}, { webhook: { id: 'wh_3', type: 'booking.created', data: { id: 'bk_2' } } }),
    tools,
  );
  for (const mail of await server.parsed()) expect(mail.inReplyTo).toBeUndefined();
});

test('a mail that is sent again is no answer to itself', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  await channel.perform(about('dl_1'), tools);
  await channel.perform(about('dl_2'), tools);
  await channel.perform(about('dl_2', {}, { unclear: { startedAt: 0, endedAt: 0, note: null } }), tools);
  await channel.perform(about('dl_1', {}, { unclear: { startedAt: 0, endedAt: 0, note: null } }), tools);
  const [, , again, first] = await server.parsed();
  expect(again).toMatchObject({ inReplyTo: '<dl_1@example.com>', references: '<dl_1@example.com>' });
  expect([first?.references].flat()).not.toContain('<dl_1@example.com>');
});

test('answers name a mail by the id that the server gave it', async () => {
  const store = await tempStore();
  const sent: unknown[] = [];
  const ses = '<0100018b5c3c0a4f-000000@email.amazonses.com>';
  const channel = await channelTo('smtp://127.0.0.1:9', {
    store,
    transport: {
      send: async ({ message }) => {
        sent.push(message.inReplyTo);
        return { summary: 'accepted', messageId: ses };
      },
      close: async () => {},
    },
  });
  const receipt = await channel.perform(about('dl_1'), tools);
  expect(receipt.detail).toMatchObject({ messageId: ses });
  await channel.perform(about('dl_2'), tools);
  expect(sent).toEqual([undefined, ses]);
});

test('copies arrive with the same mail, hidden ones unseen, and the sender has the name of the rule', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  const copies = { cc: ['office@example.com'], bcc: ['boss@example.com'], fromName: 'Anna <eve@evil.example>\r\nX: y' };
  await channel.perform(about('dl_1', copies), tools);
  const [first, second] = await server.parsed();
  expect(server.messages.map(({ to }) => to)).toEqual([
    ['john@example.com'],
    ['office@example.com', 'boss@example.com'],
  ]);
  for (const mail of [first, second]) {
    expect(mail).toMatchObject({
      to: { value: [{ address: 'john@example.com' }] },
      cc: { value: [{ address: 'office@example.com' }] },
      from: { value: [{ name: 'Anna <eve@evil.example> X: y', address: 'bookings@example.com' }] },
      messageId: '<dl_1@example.com>',
    });
    expect(mail?.bcc).toBeUndefined();
    expect(mail?.headers.has('x')).toBe(false);
  }
  expect(server.messages.map(({ raw }) => raw.includes('boss@'))).toEqual([false, false]);
});

test('a copy that is refused is a remark, and is left out from then on', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  const gone = { code: 550, text: '5.1.1 No such user' };
  server.setBehaviour({ recipient: (address) => (address === 'office@example.com' ? gone : undefined) });
  const copies = { cc: ['office@example.com'], bcc: ['boss@example.com'] };
  const receipt = await channel.perform(about('dl_1', copies), tools);
  expect(receipt.summary).toBe(
    'accepted by 127.0.0.1: 250 OK queued as 1 (a copy was not accepted: 550 5.1.1 No such user)',
  );
  expect(server.messages.map(({ to }) => to)).toEqual([['john@example.com'], ['boss@example.com']]);
  const later = await channel.perform(about('dl_2', { cc: copies.cc }), tools);
  expect(later.summary).toContain('a copy was left out: no such address');
  const [, , third] = await server.parsed();
  expect(third).toMatchObject({ envelope: { to: ['john@example.com'] } });
  expect(third?.cc).toBeUndefined();
});

test('a copy of which nobody knows what became is a remark that promises nothing', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  server.setBehaviour({ recipient: (address) => (address === 'office@example.com' ? { code: 421 } : undefined) });
  const { summary } = await channel.perform(about('dl_1', { cc: ['office@example.com'] }), tools);
  expect(summary).toMatch(/\(a copy was not accepted: [^()]+\)$/);
  expect(summary).not.toMatch(/tried again|retry/);
});

test('a recipient who is put off costs nobody a second copy', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  server.setBehaviour({ recipient: (address) => (address.startsWith('john') ? { code: 450 } : undefined) });
  const mail = about('dl_1', { cc: ['office@example.com'] });
  expect(await failureOf(channel.perform(mail, tools))).toMatchObject({ verdict: 'retry' });
  expect(server.messages).toEqual([]);
});

test('an address that does not exist is remembered, and not asked for again until somebody allows it', async () => {
  const server = await serve();
  const store = await tempStore();
  const channel = await channelTo(server.url, { store });
  server.setBehaviour({ recipient: { code: 550, text: '5.1.1 The email account does not exist' } });
  expect(await failureOf(channel.perform(about('dl_1'), tools))).toMatchObject({
    code: 'unknown_address',
    verdict: 'permanent',
  });
  const asked = server.connections();
  server.setBehaviour({});
  expect(await failureOf(channel.perform(about('dl_2'), tools))).toMatchObject({
    code: 'refused_address',
    verdict: 'permanent',
    message:
      'Not sent: on 2027-01-15 the mail server said that there is no such address: 550 5.1.1 The email account does not ' +
      'exist. Correct it where it comes from. If it exists by now, retry: that tries it once more. ' +
      '`npm run cli -- addresses` lists all such addresses.',
  });
  expect([server.connections(), server.messages.length]).toEqual([asked, 0]);
  expect(await store.refusedAddresses({ limit: 9, offset: 0 })).toMatchObject([
    { address: 'john@example.com', at: NOW, code: 'unknown_address' },
  ]);
  const rerun = { by: { id: 'U1', name: 'anna', via: 'slack' }, at: NOW } as const;
  await channel.perform(about('dl_3', {}, { rerun }), tools);
  await store.allowAddress('john@example.com');
  await channel.perform(about('dl_4'), tools);
  expect(server.messages).toHaveLength(2);
});

test.each([
  [550, '5.7.1 Blocked as spam'],
  [552, '5.2.2 Mailbox full'],
  [550, '5.7.1 Relaying denied: user unknown to us'],
  [550, 'No thanks'],
  [450, '5.1.1 No such user'],
])('%s %s says nothing about the address', async (code, text) => {
  const server = await serve();
  const store = await tempStore();
  server.setBehaviour({ recipient: { code, text } });
  await failureOf((await channelTo(server.url, { store })).perform(about('dl_1'), tools));
  expect(await store.refusedAddress('john@example.com')).toBeUndefined();
});

test.each([
  [550, 'No such user here'],
  [553, 'sorry, mailbox unknown'],
  [550, '5.1.10 Recipient not found'],
  [556, '5.1.10 Domain takes no mail'],
])('%s %s says that there is no such address', async (code, text) => {
  const server = await serve();
  const store = await tempStore();
  server.setBehaviour({ recipient: { code, text } });
  await failureOf((await channelTo(server.url, { store })).perform(about('dl_1'), tools));
  expect(await store.refusedAddress('John@example.com')).toBeDefined();
});

/** A transport after whose answer the store fails. */
const losing = (transport: MailTransport, store: AsyncDisposable): MailTransport => ({
  ...transport,
  async send(mail, signal) {
    try {
      return await transport.send(mail, signal);
    } finally {
      await store[Symbol.asyncDispose]();
    }
  },
});

test('a mail that went out is done also where nothing of it can be kept: it must not go out again', async () => {
  const server = await serve();
  const store = await tempStore();
  const channel = await channelTo(server.url, { store, transport: losing(connect(server.url), store) });
  const receipt = await channel.perform(about('dl_1'), tools);
  expect(receipt.summary).toMatch(/^accepted by .* \(the store failed just then: the next mail may not join/);
  expect(await server.parsed()).toHaveLength(1);
});

test('a refusal that can not be remembered is told all the same', async () => {
  const server = await serve();
  server.setBehaviour({ recipient: { code: 550, text: '5.1.1 no such user' } });
  const store = await tempStore();
  const channel = await channelTo(server.url, { store, transport: losing(connect(server.url), store) });
  expect(await failureOf(channel.perform(about('dl_1'), tools))).toMatchObject({
    code: 'unknown_address',
    verdict: 'permanent',
  });
});
