import { expect, test } from 'vitest';
import { channelTo, delivery, tools } from './channel.ts';
import { failureOf, serve } from './mails.ts';

test('sends what the template says, from and to whom it should, and keeps the answer', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  const receipt = await channel.perform(delivery({ name: 'John Doe' }), tools);
  expect(receipt).toEqual({
    fingerprint: await channel.fingerprint(delivery({ name: 'John Doe' })),
    summary: 'accepted by 127.0.0.1: 250 OK queued as 1',
    detail: { messageId: '<dl_abc@example.com>', response: '250 OK queued as 1' },
  });
  const [mail] = await server.parsed();
  expect(mail?.from?.value).toEqual([{ name: 'Studio Ü', address: 'bookings@example.com' }]);
  expect(mail).toMatchObject({
    to: { value: [{ name: 'John Doe', address: 'john@example.com' }] },
    replyTo: { value: [{ address: 'team@example.com' }] },
    subject: 'Hello John',
    html: '<p>Hello</p>',
    text: 'Hello',
    messageId: '<dl_abc@example.com>',
  });
  expect(mail?.date).toBeInstanceOf(Date);
  expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
  expect(mail?.headers.get('x-auto-response-suppress')).toBe('All');
  expect(mail?.headers.has('x-mailer')).toBe(false);
});

test("takes the rule's subject and reply address over its own", async () => {
  const server = await serve();
  const planned = delivery({ subject: 'See you\nsoon', replyTo: 'Ann <ann@example.com>' });
  await (await channelTo(server.url)).perform(planned, tools);
  const [mail] = await server.parsed();
  expect(mail).toMatchObject({
    subject: 'See you soon',
    replyTo: { value: [{ name: 'Ann', address: 'ann@example.com' }] },
  });
});

test('sends again under the same Message-ID after an unclear attempt, and says so', async () => {
  const server = await serve();
  const channel = await channelTo(server.url);
  server.setBehaviour({ data: 'drop' });
  expect(await failureOf(channel.perform(delivery(), tools))).toMatchObject({ unclear: true });
  server.setBehaviour({});
  const again = delivery({}, { unclear: { startedAt: 0, endedAt: 0, note: null }, attempt: 2 });
  const receipt = await channel.perform(again, tools);
  expect(receipt.summary).toContain('sent again');
  const ids = (await server.parsed()).map(({ messageId }) => messageId);
  expect(ids).toEqual(['<dl_abc@example.com>', '<dl_abc@example.com>']);
});

test.each([
  ['unknown_template', { template: 'missing' }, 'Add or mend missing.mjml'],
  ['template_failed', { template: 'broken' }, 'file:broken.html, line:3'],
  ['invalid_recipient', { to: 'john@example.com, eve@example.com' }, 'is not one mail address'],
  ['invalid_reply_to', { replyTo: 'a@example.com, b@example.com' }, '"reply_to" in the rule'],
])('gives up at once with %s, says what to do, and sends nothing', async (code, email, words) => {
  const server = await serve();
  const failure = await failureOf((await channelTo(server.url)).perform(delivery(email), tools));
  expect(failure).toMatchObject({ code, verdict: 'permanent', message: expect.stringContaining(words) });
  expect(failure).toHaveProperty('message', expect.stringMatching(/retry\.$/));
  expect(server.connections()).toBe(0);
});

test('refuses to start with a sender that is not one address', async () => {
  for (const from of [
    '',
    'Studio',
    'a@example.com, b@example.com',
    'a@example.com, Ann <b@example.com>',
    'Studio <a b@example.com>',
  ]) {
    await expect(channelTo('smtp://127.0.0.1:9', { from })).rejects.toThrow('MAIL_FROM is not one mail address.');
  }
  await expect(channelTo('smtp://127.0.0.1:9', { replyTo: 'team' })).rejects.toThrow('MAIL_REPLY_TO');
});

test('the digest of a mail is the same for the same words, and another for others', async () => {
  const channel = await channelTo((await serve()).url);
  expect(await channel.fingerprint(delivery({}))).toMatch(/^[0-9a-f]{16}$/);
  expect(await channel.fingerprint({ ...delivery({}), id: 'dl_other', attempt: 9 })).toBe(
    await channel.fingerprint(delivery({})),
  );
  expect(await channel.fingerprint(delivery({ subject: 'Another' }))).not.toBe(await channel.fingerprint(delivery({})));
});
