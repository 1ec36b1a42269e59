import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openStorage } from '../../src/app/storage.ts';
import { type Role, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { OperatorError } from '../../src/core/errors.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openLine } from '../../src/store/postgres/line.ts';
import { reachDatabase } from '../../src/store/postgres/reach.ts';
import { createTeamRows } from '../../src/store/postgres/team-document.ts';
import { openSharedTeam } from '../../src/team/open.ts';
import { botEnv, post } from '../support/bot.ts';
import { aWebhook } from '../support/builders.ts';
import { cli } from '../support/cli.ts';
import { lastingPort } from '../support/port.ts';
import { openTestDatabase } from '../support/postgres.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';
import { pausing } from '../team/changes.ts';

// Several processes start at once, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const RULES = `rules:
  - id: mail
    on: ["booking.*"]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-created } }]
`;

/** A database, a mail server, and processes of a bot in this one. */
const aSystem = async () => {
  const dataDir = await tempFolder();
  await writeFile(join(dataDir, 'rules.yaml'), RULES);
  const { url, close } = await openTestDatabase();
  onTestFinished(close);
  const smtp = await startSmtpServer();
  onTestFinished(() => smtp.close());
  const env = botEnv(dataDir, {
    DATABASE_URL: url,
    SMTP_URL: smtp.url,
    MAIL_FROM: 'bookings@example.com',
    LOG_LEVEL: 'silent',
  });
  const start = async (role: Role) => {
    const app = await startApp(readConfig(env), silentLog(), { role });
    onTestFinished(() => app.stop());
    return app;
  };
  return { url, smtp, env, start };
};

const BOOKING = aWebhook({
  id: 'wh_1',
  data: {
    id: 'bk_1',
    attendee_name: 'John Doe',
    attendee_email: 'john@example.com',
    start_time: '2099-02-15T10:00:00Z',
  },
});

describe('the command line beside processes on PostgreSQL', () => {
  test('asks what they keep, and has them do again what it asks for', async () => {
    const { env, smtp, start } = await aSystem();
    const [receiver] = [await start('receiver'), await start('worker')];
    smtp.setBehaviour({ recipient: { code: 450, text: '4.2.0 Later' } });
    expect((await post(receiver.webhookUrl, BOOKING)).status).toBe(200);
    await expect.poll(async () => (await cli(env, 'why', 'bk_1')).out).toContain('4.2.0 Later');
    expect((await cli(env, 'search', 'john')).out).toContain('bk_1');

    smtp.setBehaviour({});
    const retried = await cli(env, 'retry', 'bk_1');
    expect([retried.code, retried.err]).toEqual([0, '']);
    // Long before its next try would have come.
    await expect.poll(() => smtp.messages.length, { timeout: 8_000 }).toBe(1);
  });

  test('says that there is no data where no bot was started yet, and makes nothing there', async () => {
    const { env, url } = await aSystem();
    for (const command of [
      ['search', 'john'],
      ['retry', '--all'],
    ]) {
      const { code, err } = await cli(env, ...command);
      expect(code).toBe(1);
      expect(err).toMatch(/There is no data in the database yet[\s\S]*npm start/);
    }
    expect((await reachDatabase(url)).empty).toBe(true);
  });

  test('says why work can not be announced to other processes', async () => {
    const { env, url, smtp, start } = await aSystem();
    const worker = await start('all');
    smtp.setBehaviour({ recipient: { code: 550, text: '5.1.1 Nobody here' } });
    expect((await post(worker.webhookUrl, BOOKING)).status).toBe(200);
    await expect.poll(async () => (await cli(env, 'failed')).out).toContain('5.1.1');
    await worker.stop();
    await using line = await openLine(url, 'test', silentLog());
    await line.query('DROP SCHEMA webkasa_jobs CASCADE', []);
    await line.query('CREATE SCHEMA webkasa_jobs', []);
    await line.query('CREATE TABLE webkasa_jobs.version (version int, maintained_on int, cron_on int)', []);
    await line.query('INSERT INTO webkasa_jobs.version VALUES (1, 1, 1)', []);

    const { code, err } = await cli(env, 'retry', 'bk_1');

    expect(code).toBe(1);
    expect(err).toMatch(/^Cannot migrate pg-boss schema from version 1/);
  });

  test('names the rules that the team paused, wherever it did', async () => {
    const { env, url, start } = await aSystem();
    await start('worker');
    const line = await openLine(url, 'test', silentLog());
    const team = await openSharedTeam({ rows: createTeamRows(line), log: silentLog() });
    await team.update(pausing('mail'));
    await team[Symbol.asyncDispose]();
    await line[Symbol.asyncDispose]();
    expect((await cli(env, 'rules')).out).toMatch(/mail[\s\S]*paused/);
  });

  test('says what is wrong where no database answers, without the password', async () => {
    const env = botEnv(await tempFolder(), {
      DATABASE_URL: `postgres://bot:hush-hush@127.0.0.1:${await lastingPort()}/bot`,
    });
    const { code, err } = await cli(env, 'search', 'john');
    expect(code).toBe(1);
    expect(err).toMatch(/No database answers at 127\.0\.0\.1:\d+[\s\S]*Start PostgreSQL there/);
    expect(err).not.toContain('hush-hush');
    const starting = startApp(readConfig(env), silentLog());
    await expect(starting).rejects.toThrow(/No database answers/);
  });
});

describe('the store of a process', () => {
  test('gives a receiver no news of work: it would take them from those who do it', async () => {
    const { env } = await aSystem();
    const storage = await openStorage(readConfig(env), 'receiver', silentLog());
    onTestFinished(() => storage[Symbol.asyncDispose]());
    expect(storage.signals).toBeUndefined();
  });

  test.each(['receiver', 'worker'] as const)('can not be SQLite for a %s', async (role) => {
    const config = readConfig(botEnv(await tempFolder()));
    const error = await openStorage(config, role, silentLog()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).remedy).toContain('DATABASE_URL');
  });

  test('on PostgreSQL, Slack and sheets are one process’s to tell, and mails everybody’s', async () => {
    const { env } = await aSystem();
    const config = readConfig(env);
    const all = [await openStorage(config, 'worker', silentLog()), await openStorage(config, 'all', silentLog())];
    for (const storage of all) onTestFinished(() => storage[Symbol.asyncDispose]());
    const mine = (work: 'slack' | 'sheet' | 'email') => all.filter(({ shared }) => shared?.mine(work)).length;
    await expect.poll(() => [mine('slack'), mine('sheet'), mine('email')]).toEqual([1, 1, 2]);
  });
});
