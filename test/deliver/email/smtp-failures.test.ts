import { describe, expect, test } from 'vitest';
import type { SmtpBehaviour } from '../../support/smtp.ts';
import { aMail, connect, failureOf, never, serve } from './mails.ts';

describe('what a failure means', () => {
  type Case = [string, SmtpBehaviour, { code: string; verdict: string; unclear: boolean }];
  const clear = { unclear: false };
  const cases: Case[] = [
    [
      'an unknown recipient',
      { recipient: { code: 550 } },
      { code: 'recipient_refused', verdict: 'permanent', ...clear },
    ],
    ['a full mailbox', { recipient: { code: 450 } }, { code: 'deferred', verdict: 'retry', ...clear }],
    ['a refused message', { data: { code: 552 } }, { code: 'message_refused', verdict: 'permanent', ...clear }],
    ['a deferred message', { data: { code: 451 } }, { code: 'deferred', verdict: 'retry', ...clear }],
    ['a server that is closing', { data: { code: 421 } }, { code: 'deferred', verdict: 'retry', ...clear }],
    ['a refused sender', { sender: { code: 553 } }, { code: 'sender_refused', verdict: 'channel', ...clear }],
    ['a deferred sender', { sender: { code: 451 } }, { code: 'deferred', verdict: 'retry', ...clear }],
    ['a login asked for', { sender: { code: 530 } }, { code: 'login_refused', verdict: 'channel', ...clear }],
    ['a busy greeting', { greeting: { code: 421 } }, { code: 'deferred', verdict: 'retry', ...clear }],
    ['a hostile greeting', { greeting: { code: 554 } }, { code: 'server_refused', verdict: 'channel', ...clear }],
    ['a line cut after the mail', { data: 'drop' }, { code: 'connection_lost', verdict: 'retry', unclear: true }],
    ['a line cut before the greeting', { greeting: 'drop' }, { code: 'unreachable', verdict: 'retry', ...clear }],
  ];

  for (const oldFashioned of [false, true]) {
    test.each(cases)(`%s${oldFashioned ? ', without pipelining' : ''}`, async (_name, behaviour, expected) => {
      const server = await serve({ oldFashioned });
      server.setBehaviour(behaviour);
      const transport = connect(`${server.url}?maxRequeues=1`);
      expect(await failureOf(transport.send(aMail(), never))).toMatchObject({ name: 'DeliveryError', ...expected });
      server.setBehaviour({});
      await expect(transport.send(aMail('dl_2'), never)).resolves.toBeDefined();
    });
  }

  test('no answer to the mail: it may have been accepted', async () => {
    const server = await serve();
    server.setBehaviour({ data: 'hang' });
    const transport = connect(`${server.url}?socketTimeout=2000`);
    const failure = await failureOf(transport.send(aMail(), never));
    expect(failure).toMatchObject({ code: 'timeout', verdict: 'retry', unclear: true });
  });

  test('no greeting: nothing was sent', async () => {
    const server = await serve();
    server.setBehaviour({ greeting: 'hang' });
    const transport = connect(`${server.url}?greetingTimeout=200`);
    const failure = await failureOf(transport.send(aMail(), never));
    expect(failure).toMatchObject({ code: 'timeout', verdict: 'retry', unclear: false });
  });

  test('nobody listens', async () => {
    const server = await serve();
    await server.stop();
    const failure = await failureOf(connect(server.url).send(aMail(), never));
    expect(failure).toMatchObject({ code: 'unreachable', verdict: 'retry', unclear: false });
    expect(failure).toHaveProperty('message', expect.stringContaining('ECONNREFUSED'));
  });

  test('a wrong password stops the channel, a server too busy for logins does not', async () => {
    const server = await serve({ login: { user: 'bot', password: 'right' } });
    const wrong = connect(server.url.replace('right', 'wrong'));
    expect(await failureOf(wrong.send(aMail(), never))).toMatchObject({ code: 'login_refused', verdict: 'channel' });
    server.setBehaviour({ login: { code: 454, text: '4.7.0 Temporary authentication failure' } });
    const right = connect(server.url);
    expect(await failureOf(right.send(aMail(), never))).toMatchObject({ code: 'deferred', verdict: 'retry' });
  });

  test('a certificate that nobody signed stops the channel, unless the URL says that it is fine', async () => {
    const server = await serve({ startTls: true });
    const failure = await failureOf(connect(server.url).send(aMail(), never));
    expect(failure).toMatchObject({ code: 'tls_failed', verdict: 'channel', unclear: false });
    await connect(`${server.url}?tls.rejectUnauthorized=false`).send(aMail(), never);
    expect(server.messages).toHaveLength(1);
  });

  test('TLS spoken to a port without it stops the channel', async () => {
    const server = await serve();
    const failure = await failureOf(connect(server.url.replace('smtp:', 'smtps:')).send(aMail(), never));
    expect(failure).toMatchObject({ code: 'tls_failed', verdict: 'channel' });
  });

  test('the reply is told in 300 characters at most, on one line, and the remedy after it', async () => {
    const server = await serve();
    server.setBehaviour({ recipient: { code: 550, text: `5.1.1 ${'long '.repeat(200)}` } });
    const failure = await failureOf(connect(server.url).send(aMail(), never));
    const { message } = failure as Error;
    expect(message).toMatch(/^The mail server refused the recipient\. The server said: 550 5\.1\.1 long .*retry\.$/);
    expect(message.length).toBeLessThan(500);
    expect(message).not.toContain('\n');
  });
});
