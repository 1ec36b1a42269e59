import { cp, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadRulebook } from '../../src/route/rulebook.ts';
import { watchRulebook } from '../../src/route/watch.ts';
import { SAMPLES } from '../../src/samples/index.ts';
import { loadTemplates } from '../../src/template/load.ts';
import { viewOf } from '../../src/template/view.ts';
import { call } from '../commands/world.ts';
import { tempFolder } from '../support/temp.ts';

const TEMPLATES = join(import.meta.dirname, '../../templates');
const settings = { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' };

const RULES = `rules:
  - id: tell
    on: [booking.confirmed]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-confirmed } }]
`;

/** A bot's files: a rule that sends a mail, and templates of its own that can be edited. */
const aBot = async () => {
  const folder = await tempFolder();
  const templates = join(folder, 'templates');
  await cp(TEMPLATES, templates, { recursive: true });
  await writeFile(join(folder, 'rules.yaml'), RULES);
  const edit = async (name: string, change: (text: string) => string): Promise<void> => {
    const file = join(templates, 'email', name);
    await writeFile(`${file}.saving`, change(await readFile(file, 'utf8')));
    await rename(`${file}.saving`, file);
  };
  return { folder, templates, edit };
};

/** What is sent while the files are watched, every few milliseconds. */
const watched = async ({ folder, templates }: { readonly folder: string; readonly templates: string }) => {
  const lines: string[] = [];
  const watch = await watchRulebook({
    load: async () =>
      loadRulebook({
        rulesFile: join(folder, 'rules.yaml'),
        templates: await loadTemplates(templates),
        settings,
        slackChannel: '#bookings',
      }),
    watched: [join(folder, 'rules.yaml'), templates],
    log: pino({ level: 'info' }, { write: (line: string) => lines.push(String(JSON.parse(line).msg)) }),
    interval: 5,
  });
  onTestFinished(() => watch[Symbol.asyncDispose]());
  const view = viewOf(SAMPLES['booking.confirmed'], { movedFrom: null, event: null }, settings);
  return {
    lines,
    mail: () => watch.current().templates.email.get('booking-confirmed')?.render(view),
  };
};

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 5 });

const GOOD = 'Good news: your booking is confirmed.';

/** Each with the file and line that is named, by what stands on that line. */
const BREAKS: readonly [what: string, file: string, from: string, to: string, wrong: string, said: RegExp][] = [
  [
    'a filter that is not known',
    'booking-confirmed.mjml',
    GOOD,
    `${GOOD}\n{{ data.title | upcaes }}`,
    'upcaes',
    /undefined filter: upcaes/,
  ],
  ['an element that is not closed', 'booking-confirmed.mjml', '</mjml>', '', '<mjml ', /<mjml> is never closed/],
  [
    'an attribute that is none',
    '_panel.mjml',
    'padding="6px',
    'colour="red" padding="6px',
    'colour',
    /Attribute colour is illegal/,
  ],
  [
    'a subject that is not text',
    'booking-confirmed.mjml',
    'subject: "',
    'subject: {x} "',
    'subject: {x}',
    /front matter is not YAML|is not text/,
  ],
  [
    'a piece that is not there',
    'booking-confirmed.mjml',
    "'_booking.html'",
    "'_bookings.html'",
    '_bookings',
    /there is no "_bookings\.html"/,
  ],
];

describe.each(BREAKS)('an edit of a template with %s', (_what, file, from, to, wrong, said) => {
  const broken = (text: string): string => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };

  test('leaves the last good one in use, says so, and a mended one takes effect', async () => {
    const bot = await aBot();
    const before = await readFile(join(bot.templates, 'email', file), 'utf8');
    const { lines, mail } = await watched(bot);
    const good = mail();
    expect(good?.text).toContain(GOOD);

    await bot.edit(file, broken);
    await until(() => expect(lines.at(-1)).toMatch(/the rules from before it stay in effect/));
    expect(lines.join('\n')).toMatch(said);
    expect(lines.join('\n')).toMatch(new RegExp(`${RegExp.escape(file)}:\\d+`));
    expect(mail()).toEqual(good);

    await bot.edit(file, () => before);
    await bot.edit('booking-confirmed.mjml', (text) => text.replace(GOOD, 'All is well.'));
    await until(() => expect(mail()?.text).toContain('All is well.'));
  });

  test('is named by check, with file and line', async () => {
    const { folder, templates, edit } = await aBot();
    await edit(file, broken);
    const edited = await readFile(join(templates, 'email', file), 'utf8');
    const { code, out } = await call(['check'], { env: { DATA_DIR: folder, TEMPLATES_DIR: templates } });
    expect(code).toBe(1);
    const [, line = ''] = new RegExp(`${RegExp.escape(join(templates, 'email', file))}:(\\d+)[^\\n]*`).exec(out) ?? [];
    expect(out).toMatch(said);
    // The line that is named is the one that is wrong.
    expect(edited.split('\n')[Number(line) - 1]).toContain(wrong);
  });
});
