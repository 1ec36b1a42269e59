import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSmtpTransport, smtpOptions } from '../../../src/deliver/email/smtp.ts';
import { aMail, connect, failureOf, never, serve } from './mails.ts';

describe('a server that accepts', () => {
  test('gets the mail, and its answer is told', async () => {
    const server = await serve();
    const accepted = await connect(server.url).send(aMail(), never);
    expect(accepted).toEqual({
      summary: 'accepted by 127.0.0.1: 250 OK queued as 1',
      response: '250 OK queued as 1',
    });
    const [received] = await server.parsed();
    expect(received).toMatchObject({ messageId: '<dl_1@example.com>', subject: 'You are booked', text: 'Hello\n' });
    expect(received?.envelope).toMatchObject({ from: 'bookings@example.com', to: ['john@example.com'] });
  });

  test('gets many mails over few connections', async () => {
    const server = await serve();
    const transport = connect(server.url);
    await Promise.all(Array.from({ length: 40 }, (_, index) => transport.send(aMail(`dl_${index}`), never)));
    expect(new Set((await server.parsed()).map(({ messageId }) => messageId)).size).toBe(40);
    expect(server.connections()).toBeLessThanOrEqual(5);
  });

  test('gets each mail once after it dropped the kept connections in between', async () => {
    const server = await serve();
    const transport = connect(server.url);
    await transport.send(aMail('dl_1'), never);
    await server.stop();
    await server.restart();
    await transport.send(aMail('dl_2'), never);
    expect((await server.parsed()).map(({ messageId }) => messageId)).toEqual([
      '<dl_1@example.com>',
      '<dl_2@example.com>',
    ]);
  });

  test('that wants a login gets it, with the characters that a URL can only hold encoded', async () => {
    const server = await serve({ login: { user: 'bot@example.com', password: 'p:ä@/ss' } });
    await connect(server.url).send(aMail(), never);
    expect(server.messages).toMatchObject([{ user: 'bot@example.com' }]);
  });
});

describe('stopping', () => {
  test('lets go of a mail that waits for the greeting, which was not sent', async () => {
    const server = await serve();
    server.setBehaviour({ greeting: 'hang' });
    const stop = new AbortController();
    const sending = failureOf(connect(server.url).send(aMail(), stop.signal));
    await expect.poll(() => server.connections()).toBe(1);
    stop.abort();
    expect(await sending).toMatchObject({ code: 'stopped', verdict: 'retry', unclear: false });
  });

  test('lets go of a mail that waits for its answer, which may have been accepted', async () => {
    const server = await serve();
    server.setBehaviour({ data: 'hang' });
    const stop = new AbortController();
    const sending = failureOf(connect(server.url).send(aMail(), stop.signal));
    await server.received(1);
    stop.abort();
    expect(await sending).toMatchObject({ code: 'stopped', verdict: 'retry', unclear: true });
  });

  test('sends nothing when it was stopped before', async () => {
    const server = await serve();
    const failure = await failureOf(connect(server.url).send(aMail(), AbortSignal.abort()));
    expect(failure).toMatchObject({ code: 'stopped', verdict: 'retry', unclear: false });
    expect(server.connections()).toBe(0);
  });

  test('closing lets a mail under way finish and takes no more', async () => {
    const server = await serve();
    const transport = createSmtpTransport(server.url);
    const first = transport.send(aMail('dl_1'), never);
    await server.received(1);
    await transport.close();
    await expect(first).resolves.toBeDefined();
    expect(await failureOf(transport.send(aMail('dl_2'), never))).toMatchObject({ verdict: 'retry', unclear: false });
  });
});

describe('the URL', () => {
  test('that is none is refused without repeating it, for it may hold a password', () => {
    for (const url of ['smtp//user:hunter2@host', 'https://user:hunter2@host', 'hunter2']) {
      expect(() => createSmtpTransport(url)).toThrow('SMTP_URL is not a URL of an SMTP server.');
    }
  });

  test('with a password insists on TLS, except for this machine or where it says otherwise', () => {
    const requireTLS = (url: string) => smtpOptions(new URL(url)).requireTLS ?? false;
    expect(requireTLS('smtp://user:secret@mail.example.com:587')).toBe(true);
    expect(requireTLS('smtp://mail.example.com:25')).toBe(false);
    expect(requireTLS('smtp://user:secret@localhost:1025')).toBe(false);
    expect(requireTLS('smtp://user:secret@mail.example.com?ignoreTLS=true')).toBe(false);
  });

  test('with a password never gives it to a server without TLS', async () => {
    // Speaks plain SMTP and keeps what it hears, as somebody in between would.
    const heard: string[] = [];
    const plain = createServer((socket) => {
      socket.write('220 plain\r\n');
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        heard.push(chunk.toString());
        socket.write(chunk.toString().startsWith('EHLO') ? '250-plain\r\n250 AUTH PLAIN\r\n' : '502 no\r\n');
      });
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void plain.close());
    const address = plain.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const failure = await failureOf(
      connect(`smtp://user:hunter2@127.0.0.1:${port}?requireTLS=true`).send(aMail(), never),
    );
    expect(failure).toMatchObject({ code: 'tls_failed', verdict: 'channel' });
    expect(heard.join('')).not.toContain('AUTH');
  });

  test('can not make it write conversations to standard output', () => {
    const { url } = smtpOptions(new URL('smtp://mail.example.com?debug=true&logger=true&name=bot'));
    expect(url).toBe('smtp://mail.example.com?name=bot');
  });
});
