import { describe, expect, onTestFinished, test } from 'vitest';
import { DeliveryError } from '../../../src/core/errors.ts';
import { inBrief } from '../../../src/deliver/email/refused.ts';
import { createSmtpThread } from '../../../src/deliver/email/smtp-thread.ts';
import { aMail, failureOf, never, serve } from './mails.ts';

const connect = (url: string) => {
  const transport = createSmtpThread(url);
  onTestFinished(() => transport.close());
  return transport;
};

/** A thread that takes any mail, unless `odd`, a statement, does something else. */
const aProgram = (odd: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ does, call, mail }) => {
        ${odd}
        parentPort.postMessage({ call, accepted: { summary: 'accepted', refused: [] } });
      });
    `)}`,
  );
const DIES_OF_ITS_FIRST_MAIL = aProgram(`if (does === 'close' || mail.id === 'dl_1') process.exit(1);`);
const FAILS_TO_CLOSE = aProgram(`if (does === 'close') throw new Error('no');`);

describe('a thread that sends mails', () => {
  test('hands them over, and tells what the server answered', async () => {
    const server = await serve();
    const transport = connect(server.url);
    const accepted = await Promise.all(
      Array.from({ length: 12 }, (_, index) => transport.send(aMail(`dl_${index}`), never)),
    );
    for (const { summary } of accepted) expect(summary).toMatch(/^accepted by 127\.0\.0\.1: 250 OK queued as \d+$/);
    const ids = (await server.parsed()).map(({ messageId }) => messageId);
    expect(ids.toSorted()).toEqual(Array.from({ length: 12 }, (_, index) => `<dl_${index}@example.com>`).toSorted());
    expect(server.connections()).toBeLessThanOrEqual(5);
  });

  test.each([
    [{ recipient: { code: 550, text: '5.1.1 No such user' } }, { verdict: 'permanent', unclear: false }],
    [{ data: { code: 451 } }, { code: 'deferred', verdict: 'retry', unclear: false }],
    [{ data: 'drop' }, { code: 'connection_lost', verdict: 'retry', unclear: true }],
    [{ sender: { code: 530 } }, { code: 'login_refused', verdict: 'channel', unclear: false }],
  ] as const)('a failure is the same as without the thread: %j', async (behaviour, expected) => {
    const server = await serve();
    server.setBehaviour(behaviour);
    expect(await failureOf(connect(server.url).send(aMail(), never))).toMatchObject({
      name: 'DeliveryError',
      ...expected,
    });
  });

  test('keeps what the server said of an address apart from what is to be done about it', async () => {
    const server = await serve();
    server.setBehaviour({ recipient: { code: 550, text: '5.1.1 No such user. Try another.' } });
    const failure = await failureOf(connect(server.url).send(aMail(), never));
    expect(failure instanceof DeliveryError && inBrief(failure)).toBe('550 5.1.1 No such user. Try another');
  });

  test('tells of a copy that was not accepted, and why', async () => {
    const server = await serve();
    server.setBehaviour({
      recipient: (address) => (address === 'gone@example.com' ? { code: 550, text: '5.1.1 No such user' } : undefined),
    });
    const mail = aMail();
    const copied = { ...mail, message: { ...mail.message, cc: [{ name: '', address: 'gone@example.com' }] } };
    const { refused } = await connect(server.url).send(copied, never);
    expect(refused).toMatchObject([
      { address: 'gone@example.com', error: { name: 'DeliveryError', verdict: 'permanent' } },
    ]);
    expect(refused?.map(({ error }) => inBrief(error))).toEqual(['550 5.1.1 No such user']);
  });

  test('lets go of a mail when told to, which may have been accepted', async () => {
    const server = await serve();
    server.setBehaviour({ data: 'hang' });
    const stop = new AbortController();
    const sending = failureOf(connect(server.url).send(aMail(), stop.signal));
    await server.received(1);
    stop.abort();
    expect(await sending).toMatchObject({ code: 'stopped', verdict: 'retry', unclear: true });
  });

  test('lets go of a mail that was to stop before it began', async () => {
    const server = await serve();
    const failure = await failureOf(connect(server.url).send(aMail(), AbortSignal.abort()));
    expect(failure).toMatchObject({ code: 'stopped', unclear: false });
    expect(server.messages).toEqual([]);
  });

  test('that dies leaves its mails unclear, and the next mail starts another', async () => {
    const transport = createSmtpThread('smtp://127.0.0.1:9', DIES_OF_ITS_FIRST_MAIL);
    onTestFinished(() => transport.close());
    expect(await failureOf(transport.send(aMail('dl_1'), never))).toMatchObject({
      code: 'internal',
      verdict: 'retry',
      unclear: true,
    });
    await expect(transport.send(aMail('dl_2'), never)).resolves.toEqual({ summary: 'accepted' });
  });

  test('is never asked what can not cross between threads, and goes on', async () => {
    const server = await serve();
    const transport = connect(server.url);
    const mail = aMail();
    const odd = { ...mail, message: { ...mail.message, headers: { 'X-Odd': (() => 'x') as never } } };
    expect(await failureOf(transport.send(odd, never))).toBeInstanceOf(Error);
    await expect(transport.send(aMail('dl_2'), never)).resolves.toBeDefined();
  });

  test('closes at once where there never was a mail, and lets one under way finish', async () => {
    const server = await serve();
    await createSmtpThread(server.url).close();
    const transport = createSmtpThread(server.url);
    const sending = transport.send(aMail(), never);
    const [accepted] = await Promise.all([sending, transport.close()]);
    expect(accepted.response).toBe('250 OK queued as 1');
  });

  test('takes no mail once it is closed, and starts no other thread for it', async () => {
    const server = await serve();
    const transport = connect(server.url);
    await transport.send(aMail('dl_1'), never);
    await transport.close();
    expect(await failureOf(transport.send(aMail('dl_2'), never))).toMatchObject({ verdict: 'retry', unclear: false });
    expect(server.messages).toHaveLength(1);
  });

  test('is closed also where it ends of an error', async () => {
    const transport = createSmtpThread('smtp://127.0.0.1:9', FAILS_TO_CLOSE);
    await transport.send(aMail(), never);
    await expect(transport.close()).resolves.toBeUndefined();
  });

  test('is refused a URL of no mail server, without repeating it', () => {
    expect(() => createSmtpThread('http://user:secret@example.com')).toThrow(
      /^SMTP_URL is not a URL of an SMTP server/,
    );
  });
});
