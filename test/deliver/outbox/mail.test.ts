import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect, onTestFinished, test } from 'vitest';
import { createMailOutbox } from '../../../src/deliver/outbox/mail.ts';
import { aMail, failureOf, never } from '../email/mails.ts';

const folder = async (): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), 'outbox-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
};

test('a mail lands as a file that a mail program opens, in a folder made for it', async () => {
  const dir = join(await folder(), 'outbox', 'mail');
  const accepted = await createMailOutbox(dir).send(aMail('dl_1'), never);
  expect(await readdir(dir)).toEqual(['20270115T103000Z-dl_1.eml']);
  const path = join(dir, '20270115T103000Z-dl_1.eml');
  expect(accepted).toEqual({ summary: `written to ${path}` });
  const file = await readFile(path, 'latin1');
  expect(file.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(await simpleParser(file)).toMatchObject({
    from: { value: [{ name: 'Studio', address: 'bookings@example.com' }] },
    to: { value: [{ name: 'John', address: 'john@example.com' }] },
    subject: 'You are booked',
    messageId: '<dl_1@example.com>',
    html: '<p>Hello</p>',
    text: 'Hello\n',
  });
});

test('the same mail twice is one file, files sort by time, and no name leaves the folder', async () => {
  const dir = await folder();
  const outbox = createMailOutbox(dir);
  const at = (time: string) => Date.parse(time);
  await outbox.send({ ...aMail('dl_b'), at: at('2027-03-01T00:00:00Z') }, never);
  await outbox.send({ ...aMail('../dl_c'), at: at('2026-12-31T23:59:59.999Z') }, never);
  await outbox.send(aMail('dl_a'), never);
  await outbox.send(aMail('dl_a'), never);
  expect((await readdir(dir)).sort()).toEqual([
    '20261231T235959Z-.._dl_c.eml',
    '20270115T103000Z-dl_a.eml',
    '20270301T000000Z-dl_b.eml',
  ]);
});

test('a folder that can not be written pauses mail and says so', async () => {
  const file = join(await folder(), 'file');
  await writeFile(file, '');
  const failure = await failureOf(createMailOutbox(join(file, 'mail')).send(aMail(), never));
  expect(failure).toMatchObject({ code: 'outbox_unwritable', verdict: 'channel', unclear: false });
});

test('writes nothing once it was stopped', async () => {
  const dir = await folder();
  const failure = await failureOf(createMailOutbox(dir).send(aMail(), AbortSignal.abort()));
  expect(failure).toMatchObject({ code: 'stopped', verdict: 'retry', unclear: false });
  expect(await readdir(dir)).toEqual([]);
});
