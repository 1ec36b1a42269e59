import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { simpleParser } from 'mailparser';
import width from 'string-width';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { dayBefore } from '../../src/commands/demo/day.ts';
import type { Outcome } from '../../src/commands/demo/outcome.ts';
import { KNOWN_TYPES } from '../../src/core/webhook.ts';
import { T0 } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

/** Lets the demo make its folder where the test ends with it. */
const inTemp = async (): Promise<void> => {
  const folder = join(await tempFolder(), 'tmp');
  await mkdir(folder);
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
};

describe('the demo', () => {
  test('has all nine types, and one of everything that goes wrong', () => {
    const day = dayBefore(T0);
    const types = new Set(day.map(({ payload }) => payload.type));
    for (const type of KNOWN_TYPES) expect(types).toContain(type);
    expect(day.filter(({ kind }) => kind === 'again')).toHaveLength(1);
    expect(day.filter(({ kind }) => kind === 'forged')).toHaveLength(1);
    expect(day.filter(({ remark }) => remark?.startsWith('late'))).toHaveLength(1);
  });

  test('ends with every mail, post and row written as it tells', async () => {
    await inTemp();
    // Nothing of the real bot's settings may be used.
    const env = { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'x@example.com', DATA_DIR: '/nowhere', PORT: '1' };
    const { code, out, err } = await call(['demo', '--json'], { env, now: Date.now() });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const outcome: Outcome = JSON.parse(out);

    expect(outcome.webhooks.map(({ status, answer }) => `${status} ${answer}`)).toEqual([
      ...Array(5).fill('200 received'),
      '200 duplicate',
      ...Array(2).fill('200 received'),
      '401 invalid_signature',
      ...Array(9).fill('200 received'),
    ]);
    expect(outcome.deliveries).toMatchObject({ pending: 0, running: 0, dead: 0, superseded: 1 });
    // Two stand for a mail to each of those registered.
    expect(outcome.mails.length + outcome.posts.length + outcome.sheet.rows.length + 2).toBe(outcome.deliveries.done);
    const changed = outcome.mails.filter(({ subject }) => subject.startsWith('[New place]'));
    expect(changed.map(({ to }) => /<([^<@]*)@[^<]*$/.exec(to)?.[1]).sort()).toEqual([
      'joker',
      'maria.jose',
      'xiaoming',
    ]);

    for (const { to, subject, file } of outcome.mails) {
      const mail = await simpleParser(await readFile(file));
      const { name, address } = [mail.to].flat()[0]?.value[0] ?? {};
      expect({ to: to.replaceAll('"', ''), subject }).toEqual({ to: `${name} <${address}>`, subject: mail.subject });
    }
    expect(outcome.mails.map(({ subject }) => subject)).toContainEqual(expect.stringMatching(/^\[Moved to /));
    const rows: string[][] = parse(await readFile(outcome.sheet.file), { bom: true });
    expect([outcome.sheet.columns, ...outcome.sheet.rows]).toEqual(rows);
    expect(outcome.sheet.rows.flat()).toContain("'=1+1 <!channel>");
    expect(outcome.posts.filter(({ as }) => as === 'new')).toHaveLength(4);
    for (const { text } of outcome.posts) expect(text).not.toContain('<!channel>');

    const late = outcome.example.webhooks.at(-1);
    expect(late?.behind).toBe(outcome.example.webhooks.at(-2)?.id);
    expect(late?.rules.flatMap(({ deliveries }) => deliveries.map(({ kind, status }) => `${kind} ${status}`))).toEqual([
      'email superseded',
      'slack done',
      'sheet done',
    ]);
    const asked = await call(['why', 'wh_evt_nobody'], { env: { DATA_DIR: outcome.folder }, now: Date.now() });
    expect(asked.out).toContain('signature_wrong, 1 in all');
  });

  test('shows subjects whole in a terminal of eighty columns', async () => {
    await inTemp();
    const { out } = await call(['demo'], { columns: 80, env: { NO_COLOR: '1' }, now: Date.now() });
    expect(out).toMatch(/^zoe@example\.com +\[Moved to \w{3}, \w{3} \d+\] Your booking$/m);
  });

  test('fits a hundred columns, but for names of files', async () => {
    await inTemp();
    const { code, out } = await call(['demo'], { columns: 180, env: { NO_COLOR: '1' }, now: Date.now() });
    expect(code).toBe(0);
    const wide = out.split('\n').filter((line) => width(line) > 100 && !line.includes('/webkasa-bot-demo-'));
    expect(wide).toEqual([]);
    expect(out).toMatch(/^What arrived {2}18 requests/);
    for (const heading of ['15 mails', '15 Slack messages', '16 rows', '176 decisions', 'Look around']) {
      expect(out).toContain(`\n${heading}  `);
    }
  });
});
