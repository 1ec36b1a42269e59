import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeProblem } from '../../src/core/problem.ts';
import { loadEmailTemplates } from '../../src/template/email.ts';
import { viewOf } from '../../src/template/view.ts';

const folder = async (files: Record<string, string>): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'templates-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return dir;
};

const view = (data: Record<string, unknown>) =>
  viewOf(
    { id: 'wh_1', type: 'booking.created', data },
    { movedFrom: null, event: null },
    { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' },
  );

const FRONT = '---\nsubject: "Hello {{ data.name }}"\npreview: soon\n---\n';

/** The problems of a folder as one would read them, without the folder's name. */
const problemsOf = async (files: Record<string, string>): Promise<string[]> => {
  const dir = await folder(files);
  const { problems } = await loadEmailTemplates(dir);
  return problems.map((problem) => describeProblem(problem).replace(`${dir}/`, ''));
};

test('a pair of files is a template; pieces and other files are none', async () => {
  const dir = await folder({
    'a.html': `${FRONT}<p>{{ data.name }}</p>`,
    'a.txt': 'Hi {{ data.name }}',
    '_piece.html': 'x',
    'README.md': '{% nonsense',
  });
  const { templates, problems } = await loadEmailTemplates(dir);
  expect(problems).toEqual([]);
  expect([...templates.keys()]).toEqual(['a']);
  expect(templates.get('a')?.render(view({ name: 'Jo' }))).toEqual({
    subject: 'Hello Jo',
    html: '<p>Jo</p>\n',
    text: 'Hi Jo\n',
  });
});

test('data becomes neither HTML nor Liquid, and the subject is one line', async () => {
  const dir = await folder({
    'a.html': `${FRONT}<p title="{{ data.name }}">{{ data.name }}</p>`,
    'a.txt': '{{ data.name }}',
  });
  const { templates } = await loadEmailTemplates(dir);
  const name = '<b onload="x">{{ id }}\r\nBcc: eve\u202e {% raw %}';
  const rendered = templates.get('a')?.render(view({ name }));
  const escaped = '&lt;b onload=&quot;x&quot;&gt;{{ id }}\r\nBcc: eve\u202e {% raw %}';
  expect(rendered?.html).toBe(`<p title="${escaped}">${escaped}</p>\n`);
  expect(rendered?.subject).toBe('Hello <b onload="x">{{ id }} Bcc: eve {% raw %}');
  expect(rendered?.text).toBe(`${name}\n`);
});

test('pieces of the folder see the whole view, the subject and the preview, and what they are handed', async () => {
  const dir = await folder({
    '_layout.html': '<title>{{ subject }}</title><i>{{ preview }}</i>{% block body %}{% endblock %}',
    '_name.html': '{{ greeting }} {{ data.name }}',
    'a.html': `${FRONT}{% layout '_layout.html' %}{% block body %}{% render '_name.html', greeting: 'Hi' %}{% endblock %}`,
    'a.txt': 'x',
  });
  const { templates, problems } = await loadEmailTemplates(dir);
  expect(problems).toEqual([]);
  expect(templates.get('a')?.render(view({ name: '<Jo>' })).html).toBe(
    '<title>Hello &lt;Jo&gt;</title><i>soon</i>Hi &lt;Jo&gt;\n',
  );
});

test('a subject that is empty or without end is still a subject', async () => {
  const dir = await folder({ 'a.html': '---\nsubject: "{{ data.name }}"\n---\nx', 'a.txt': 'x' });
  const { templates } = await loadEmailTemplates(dir);
  const template = templates.get('a');
  expect(template?.render(view({})).subject).toBe('');
  const long = template?.render(view({ name: '👩‍👩‍👧 '.repeat(5000) })).subject ?? '';
  expect(long.length).toBeLessThan(2000);
  expect(long.isWellFormed()).toBe(true);
});

test.each<[string, Record<string, string>, string]>([
  ['no front matter', { 'a.html': '<p>' }, 'a.html:1: has no front matter'],
  ['front matter without an end', { 'a.html': '---\nsubject: x\n' }, 'a.html:1: has no front matter'],
  ['empty front matter', { 'a.html': '---\n---\n' }, 'a.html:2: the front matter is empty'],
  ['no subject', { 'a.html': '---\npreview: x\n---\n' }, 'a.html:2 subject: is missing'],
  ['an unknown field', { 'a.html': '---\nsubject: x\nsubjekt: y\n---\n' }, 'a.html:3: "subjekt" is not known'],
  [
    'a subject that YAML takes for a map',
    { 'a.html': '---\nsubject: {{ x }}\n---\n' },
    'a.html:2 subject: is not text',
  ],
  [
    'a colon without quotes',
    { 'a.html': '---\npreview: x\nsubject: Re: you\n---\n' },
    'a.html:3: the front matter is not',
  ],
  [
    'a Liquid error in the subject',
    { 'a.html': '---\npreview: x\nsubject: "{{ x | nope }}"\n---\n' },
    'a.html:3 subject:',
  ],
  ['a Liquid error in the body', { 'a.html': `${FRONT}\n\n{% if x %}` }, 'a.html:7: tag {% if x %} not closed'],
  ['a misspelt filter', { 'a.html': `${FRONT}{{ x | upcsae }}` }, 'a.html:5: undefined filter: upcsae'],
  ['an unknown tag', { 'a.html': `${FRONT}{% fi %}` }, 'a.html:5: tag "fi" not found'],
  [
    'an unknown piece',
    { 'a.html': `${FRONT}x\n{% render '_nope.html' %}` },
    'a.html:6: there is no "_nope.html" in this folder',
  ],
  ['a piece outside the folder', { 'a.html': `${FRONT}{% render '../x.html' %}` }, 'a.html:5: there is no "../x.html"'],
  [
    'an error in a piece',
    { 'a.html': `${FRONT}{% render '_p.html' %}`, '_p.html': '\n{{ x | nope }}' },
    '_p.html:2: undefined filter',
  ],
  [
    'an unknown piece in a piece',
    { 'a.html': `${FRONT}{% render '_p.html' %}`, '_p.html': '\n{% layout "_q" %}' },
    '_p.html:2: there is',
  ],
  ['an error in the text', { 'a.html': `${FRONT}x`, 'a.txt': '\n\n{{ x | nope }}' }, 'a.txt:3: undefined filter: nope'],
])('%s is a problem with file and line', async (_name, files, expected) => {
  const problems = await problemsOf({ 'a.txt': 'x', ...files });
  expect(problems).toEqual([expect.stringContaining(expected)]);
});

test('each part needs the other', async () => {
  expect(await problemsOf({ 'a.html': `${FRONT}x` })).toEqual([expect.stringContaining('a.txt: is missing')]);
  expect(await problemsOf({ 'a.txt': 'x' })).toEqual([expect.stringContaining('a.html: is missing')]);
});

test('a template with a problem leaves the others usable, and a broken piece is told once', async () => {
  const dir = await folder({
    '_p.html': '{{ x | nope }}',
    'bad.html': `${FRONT}{% render '_p.html' %}`,
    'bad.txt': 'x',
    'worse.html': `${FRONT}{% render '_p.html' %}`,
    'worse.txt': 'x',
    'good.html': `${FRONT}x`,
    'good.txt': 'x',
  });
  const { templates, problems } = await loadEmailTemplates(dir);
  expect([...templates.keys()]).toEqual(['good']);
  expect(problems).toHaveLength(1);
});

test('files of Windows editors are read like others', async () => {
  const dir = await folder({ 'a.html': `\uFEFF${FRONT}x\n`.replaceAll('\n', '\r\n'), 'a.txt': 'a\r\nb' });
  const { templates, problems } = await loadEmailTemplates(dir);
  expect(problems).toEqual([]);
  expect(templates.get('a')?.render(view({}))).toEqual({ subject: 'Hello', html: 'x\n', text: 'a\nb\n' });
});

test('a folder that can not be read is a problem, not a crash', async () => {
  const { templates, problems } = await loadEmailTemplates('/nowhere/templates');
  expect(templates.size).toBe(0);
  expect(problems).toMatchObject([{ severity: 'error', file: '/nowhere/templates' }]);
});
