import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeProblem } from '../../src/core/problem.ts';
import { loadRulebook } from '../../src/route/rulebook.ts';
import { SAMPLES } from '../../src/samples/index.ts';
import { loadTemplates } from '../../src/template/load.ts';
import { viewOf } from '../../src/template/view.ts';
import { tempFolder } from '../support/temp.ts';

const settings = { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' };

const load = async (rules: string) => {
  const rulesFile = join(await tempFolder(), 'rules.yaml');
  await writeFile(rulesFile, rules);
  const templates = await loadTemplates(join(import.meta.dirname, '../../templates'));
  return loadRulebook({ rulesFile, templates, settings, slackChannel: '#x' });
};

test('every mail has the look of the brand', async () => {
  const { rulebook } = await load(
    'rules: []\nbrand: { name: "Zoë & Co", logo: "https://a.example/l.png", color: "#aa00aa", footer: "<Line>" }\n',
  );
  const view = viewOf(SAMPLES['booking.confirmed'], { movedFrom: null, event: null }, settings);
  const mail = rulebook?.templates.email.get('booking-confirmed')?.render(view);
  expect(rulebook?.brand?.name).toBe('Zoë & Co');
  expect(mail?.html).toContain('src="https://a.example/l.png"');
  expect(mail?.html).toContain('alt="Zoë &amp; Co"');
  expect(mail?.html).toContain('background:#aa00aa');
  expect(mail?.html).toContain('&lt;Line&gt;');
  expect(mail?.text).toContain('<Line>');
});

test.each([
  ['colour: "#aa00aa"', 'brand.colour: is not known here; did you mean "color"?'],
  ['color: red', 'brand.color: is no colour'],
  ['logo: "http://a.example/l.png"', 'brand.logo: is no address of a picture'],
])('a brand with %s is refused, with its line', async (line, expected) => {
  const { rulebook, problems } = await load(`rules: []\nbrand:\n  name: x\n  ${line}\n`);
  expect(rulebook).toBeUndefined();
  expect(problems.map(describeProblem)).toContainEqual(expect.stringMatching(/:4 /));
  expect(problems.map(describeProblem)).toContainEqual(expect.stringContaining(expected));
});
