import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeProblem } from '../../src/core/problem.ts';
import { loadEmailTemplates } from '../../src/template/email.ts';
import { viewOf } from '../../src/template/view.ts';
import { tempFolder } from '../support/temp.ts';

const FRONT = '---\nsubject: "Hello {{ data.name }}"\npreview: soon\n---\n';
const mail = (body: string, head = ''): string =>
  `${FRONT}<mjml><mj-head>${head}</mj-head>\n<mj-body><mj-section><mj-column>\n${body}\n</mj-column></mj-section></mj-body></mjml>\n`;

const folder = async (files: Record<string, string>): Promise<string> => {
  const dir = await tempFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return dir;
};

const rendered = async (files: Record<string, string>, data: Record<string, unknown> = {}) => {
  const { templates, problems } = await loadEmailTemplates(await folder(files));
  expect(problems).toEqual([]);
  const view = viewOf(
    { id: 'wh_1', type: 'booking.created', data },
    { movedFrom: null, event: null },
    { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' },
  );
  return templates.get('a')?.render(view) ?? { subject: '', html: '', text: '' };
};

test('one file of MJML is a mail, with a text part made of it', async () => {
  const body =
    '<mj-text><h1>Hi {{ data.name }}</h1><p>One</p><p>Two</p></mj-text><mj-button href="{{ data.url }}">Go</mj-button>';
  const { subject, html, text } = await rendered(
    { 'a.mjml': mail(body) },
    { name: 'Jo', url: 'https://a.example/?b&c' },
  );
  expect(subject).toBe('Hello Jo');
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).toContain('href="https://a.example/?b&amp;c"');
  expect(html).not.toContain('googleapis');
  expect(text).toBe('Hi Jo\n\nOne\n\nTwo\n\nGo (https://a.example/?b&c)\n');
});

test('a text part of its own comes first', async () => {
  const { text } = await rendered(
    { 'a.mjml': mail('<mj-text>x</mj-text>'), 'a.txt': 'Mine, {{ data.name }}' },
    { name: 'Jo' },
  );
  expect(text).toBe('Mine, Jo\n');
});

test('data becomes neither MJML nor HTML nor Liquid', async () => {
  const name = '</mj-text><mj-button>x</mj-button><b>{{ id }}{% raw %}';
  const { html, text } = await rendered({ 'a.mjml': mail('<mj-text>{{ data.name }}</mj-text>') }, { name });
  expect(html).toContain('&lt;/mj-text&gt;&lt;mj-button&gt;x&lt;/mj-button&gt;&lt;b&gt;{{ id }}{% raw %}');
  expect(text).toBe(`${name}\n`);
});

test('Liquid may hold what MJML would take for tags, quotes and colours', async () => {
  const body =
    '<mj-raw>{% if data.n <b %}</mj-raw><mj-text>none</mj-text><mj-raw>{% else %}</mj-raw>' +
    `<mj-text color="{{ data.color | default: "#123456" }}">{% if data.n > 1 and data.n < 3 %}two{% endif %}</mj-text><mj-raw>{% endif %}</mj-raw>`;
  const { html, text } = await rendered({ 'a.mjml': mail(body.replace('<b', '< 1')) }, { n: 2 });
  expect(html).toContain('color:#123456');
  expect(text).toBe('two\n');
});

test('pieces are put in as they stand, also within pieces; pieces of HTML have a text of their own or one made', async () => {
  const { html, text } = await rendered(
    {
      '_one.mjml': '<mj-text>one</mj-text>\n<mj-include path="_two.mjml"></mj-include>',
      '_two.mjml': "<mj-text>{% render '_row.html', x: data.name %}{% render '_made.html' %}</mj-text>",
      '_row.html': '<b>{{ x }}</b>',
      '_row.txt': '*{{ x }}*',
      '_made.html': '<p>made</p>',
      'a.mjml': mail('<mj-include path="./_one.mjml" />'),
    },
    { name: '<Jo>' },
  );
  expect(html).toContain('<b>&lt;Jo&gt;</b>');
  expect(text).toMatch(/^one\n\n?\*<Jo>\*\s*made\n$/);
});

describe('what is wrong is told with file and line', () => {
  test.each<[string, Record<string, string>, string]>([
    ['an unknown element', { 'a.mjml': mail('\n<mj-txt>x</mj-txt>') }, 'a.mjml:8: '],
    [
      'an unknown attribute',
      { 'a.mjml': mail('<mj-text colour="red">x</mj-text>') },
      'a.mjml:7: Attribute colour is illegal',
    ],
    ['a colour that is none', { 'a.mjml': mail('<mj-text color="12px">x</mj-text>') }, 'a.mjml:7: Attribute color has'],
    ['an element that is not closed', { 'a.mjml': mail('<mj-text>x') }, 'a.mjml:7: <mj-text> is not closed before'],
    [
      'Liquid where MJML takes no text',
      { 'a.mjml': mail('<mj-text>x</mj-text>\n{{ x }}') },
      'a.mjml:8: {{ x }} stands',
    ],
    [
      'a misspelt filter',
      { 'a.mjml': mail('<mj-text>\n{{ x | nope }}</mj-text>') },
      'a.mjml:8: undefined filter: nope',
    ],
    [
      'a tag without its end',
      { 'a.mjml': mail('<mj-text>\n\n{% if x %}</mj-text>') },
      'a.mjml:9: tag {% if x %} not closed',
    ],
    ['a missing piece', { 'a.mjml': mail('\n<mj-include path="./_no.mjml" />') }, 'a.mjml:8: there is no "_no.mjml"'],
    [
      'a piece outside the folder',
      { 'a.mjml': mail('<mj-include path="../x.mjml" />') },
      'a.mjml:7: there is no "../x.mjml"',
    ],
    [
      'an include with more',
      { 'a.mjml': mail('<mj-include path="./_x" type="css" />') },
      'a.mjml:7: mj-include is written',
    ],
    [
      'pieces in a circle',
      { 'a.mjml': mail('<mj-include path="./_p.mjml" />'), '_p.mjml': 'x\n<mj-include path="./_p.mjml" />' },
      '_p.mjml:2: "_p.mjml" includes itself: a.mjml → _p.mjml → _p.mjml',
    ],
    [
      'an error in a piece',
      { 'a.mjml': mail('<mj-include path="./_p.mjml" />'), '_p.mjml': '\n<mj-text>{{ x | nope }}</mj-text>' },
      '_p.mjml:2: undefined filter: nope',
    ],
    [
      'wrong MJML behind a piece',
      {
        'a.mjml': mail('<mj-include path="./_p.mjml" />\n<mj-text x="1">x</mj-text>'),
        '_p.mjml': '<mj-text>\n\nx</mj-text>\n',
      },
      'a.mjml:8: Attribute x is illegal',
    ],
    ['no front matter', { 'a.mjml': '<mjml></mjml>' }, 'a.mjml:1: has no front matter'],
    ['HTML of the same name', { 'a.mjml': mail('<mj-text>x</mj-text>'), 'a.html': 'x' }, 'a.html: is not used'],
  ])('%s', async (_name, files, expected) => {
    const dir = await folder(files);
    const { problems } = await loadEmailTemplates(dir);
    expect(problems.map((problem) => describeProblem(problem).replace(`${dir}/`, ''))).toEqual([
      expect.stringContaining(expected),
    ]);
  });
});
