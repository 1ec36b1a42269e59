import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { T0 } from '../support/builders.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

const withServer = async () => {
  const server = await startSmtpServer();
  onTestFinished(() => server.close());
  const env = { DATA_DIR: await tempFolder(), SMTP_URL: server.url, MAIL_FROM: 'Studio <bookings@example.com>' };
  return { server, env };
};

describe('send-test', () => {
  // Calendars take no entry of a day that has gone, so its days are those to come.
  const now = Date.now();

  test('sends a mail with an invite to the address and says what the server answered', async () => {
    const { server, env } = await withServer();
    const answer = await call(['send-test', 'ann@example.com'], { env, now });
    expect(answer).toMatchObject({ code: 0, err: '' });
    expect(answer.out).toContain('Sent booking-confirmed to ann@example.com, with an entry for the calendar.');
    expect(answer.out).toContain('250 OK queued as 1');
    const [mail] = await server.parsed();
    expect(mail?.envelope.to).toEqual(['ann@example.com']);
    expect(mail?.from?.value).toEqual([{ name: 'Studio', address: 'bookings@example.com' }]);
    expect(server.messages[0]?.raw.toString()).toMatch(/text\/calendar; charset=utf-8; method=REQUEST/);
    expect(await readdir(env.DATA_DIR)).toEqual([]);
  });

  test.each(['booking-cancelled', 'registration-created'])('sends %s', async (template) => {
    const { server, env } = await withServer();
    const { out, code } = await call(['send-test', 'ann@example.com', '--template', template, '--json'], { env, now });
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { to: 'ann@example.com', template, answer: expect.stringContaining('250'), invite: template.endsWith('created') },
    ]);
    expect(server.messages).toHaveLength(1);
  });

  test('sends what is written to everyone registered for an event, as to one of them', async () => {
    const { server, env } = await withServer();
    for (const template of ['event-changed', 'event-cancelled']) {
      const { code } = await call(['send-test', 'ann@example.com', '--template', template], { env, now });
      expect(code).toBe(0);
    }
    const [changed, cancelled] = await server.parsed();
    expect(changed?.subject).toBe('[New place] Your registration: Monthly Meditation');
    expect(changed?.text).toContain('New place: Town Hall\nWas: Community Center\n');
    expect(cancelled?.subject).toBe('[Event cancelled] Your registration: Monthly Meditation');
    expect(cancelled?.text).toContain('Hello John Doe,');
  });

  test('without a server writes into the outbox and says where', async () => {
    const folder = await tempFolder();
    const { out, code } = await call(['send-test', 'ann@example.com'], { env: { DATA_DIR: folder } });
    expect(code).toBe(0);
    const outbox = join(folder, 'outbox', 'mail');
    const [name = ''] = await readdir(outbox);
    expect(out).toContain(name);
    expect((await simpleParser(await readFile(join(outbox, name)))).to).toMatchObject({ text: 'ann@example.com' });
  });

  test('says what is wrong and what to do', async () => {
    const { server, env } = await withServer();
    const wrong = await call(['send-test', 'ann@example.com', '--template', 'booking-confirmd'], { env });
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('Did you mean booking-confirmed?') });
    expect(await call(['send-test', 'ann, eve@x.example'], { env })).toMatchObject({
      code: 1,
      err: '"ann, eve@x.example" is not one mail address.\nWrite one like you@example.com.\n',
    });
    server.setBehaviour({ recipient: { code: 550, text: '5.1.1 No such user' } });
    expect(await call(['send-test', 'ann@example.com'], { env, now })).toMatchObject({
      code: 1,
      err: expect.stringContaining('The server said: 550 5.1.1 No such user'),
    });
  });
});

describe('addresses', () => {
  const withRefused = async () => {
    const folder = await tempFolder();
    const store = await openSqliteStore(join(folder, 'webkasa-bot.db'), { alone: true });
    onTestFinished(() => store[Symbol.asyncDispose]());
    const refused = { address: 'john@example.com', at: T0, code: 'unknown_address', message: 'No such \u001buser.' };
    await store.refuseAddress(refused);
    return { store, env: { DATA_DIR: folder } };
  };

  test('lists those that do not exist, and since when', async () => {
    const { env } = await withRefused();
    const { out, code } = await call(['addresses'], { env });
    expect(code).toBe(0);
    expect(out).toMatch(/john@example\.com {2}since 2027-01-15.*\n {2}No such/);
    expect(out).not.toContain('\u001b');
    expect(JSON.parse((await call(['addresses', '--json'], { env })).out)).toMatchObject({
      refused: [{ address: 'john@example.com' }],
    });
  });

  test('allows one again', async () => {
    const { store, env } = await withRefused();
    expect(await call(['addresses', 'allow', 'John@Example.com'], { env })).toMatchObject({ code: 0 });
    expect(await store.refusedAddress('john@example.com')).toBeUndefined();
    expect(await call(['addresses', 'allow', 'john@example.com'], { env })).toMatchObject({
      code: 1,
      out: 'john@example.com was not refused.\n',
    });
    expect((await call(['addresses'], { env })).out).toBe('No address is refused.\n');
    expect(await call(['addresses', 'forget', 'x'], { env })).toMatchObject({ code: 2 });
  });
});
