import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

test('writes every mail with ordinary and hostile data, and an index of them', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), 'rules: []\nbrand: { footer: "Our footer" }\n');
  const out = join(folder, 'mails');
  const { code, out: said, err } = await call(['preview', '--out', out], { env: { DATA_DIR: folder } });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(said).toContain(join(out, 'index.html'));
  const files = await readdir(out);
  const index = await readFile(join(out, 'index.html'), 'utf8');
  const links = [...index.matchAll(/href="([^"]+)"/g)].map(([, link]) => link);
  expect([...links, 'index.html'].sort()).toEqual(files.sort());
  for (const name of [
    'booking-moved.sample',
    'booking-created.pending',
    'booking-created.cancelled',
    'registration-created.cancelled',
    'team-booking.hostile',
    'event-changed.moved',
    'event-cancelled.bare',
    'registration-created.night',
    'team-event.scripts',
  ]) {
    expect(files).toEqual(expect.arrayContaining([`${name}.html`, `${name}.txt`]));
    expect(await readFile(join(out, `${name}.html`), 'utf8')).toContain('Our footer');
  }
  for (const file of files.filter((name) => name.endsWith('hostile.html'))) {
    expect(await readFile(join(out, file), 'utf8')).not.toMatch(/<script|<img src=x|<style>body/);
  }
});

test('tells of days to come, in whatever year', async () => {
  const folder = await tempFolder();
  const env = { DATA_DIR: folder };
  await call(['preview', '--out', join(folder, 'mails')], { env, now: Date.UTC(2031, 4, 1) });
  for (const name of ['booking-confirmed', 'event-changed', 'registration-created']) {
    const text = await readFile(join(folder, 'mails', `${name}.sample.txt`), 'utf8');
    expect(text).toContain('Monday, May 12, 2031');
    expect(text).not.toContain('2027');
  }
});

test('a wrong template is named with file and line, and the others are there', async () => {
  const folder = await tempFolder();
  const templates = await tempFolder();
  const { mkdir } = await import('node:fs/promises');
  await mkdir(join(templates, 'email'));
  await mkdir(join(templates, 'slack'));
  const mail = (inside: string) =>
    `---\nsubject: x\n---\n<mjml><mj-body><mj-section><mj-column>\n${inside}\n</mj-column></mj-section></mj-body></mjml>\n`;
  await writeFile(join(templates, 'email', 'good.mjml'), mail('<mj-text>Hello</mj-text>'));
  await writeFile(join(templates, 'email', 'bad.mjml'), mail('<mj-txt>Hello</mj-txt>'));
  await writeFile(join(folder, 'rules.yaml'), 'rules: []\n');
  const { code, out } = await call(['preview', '--json'], { env: { DATA_DIR: folder, TEMPLATES_DIR: templates } });
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ templates: 1, problems: [expect.stringContaining('bad.mjml:5: ')] });
  expect(await readdir(join(folder, 'preview'))).toContain('good.sample.html');
});
