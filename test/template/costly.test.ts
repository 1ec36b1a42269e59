import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { renderEmail } from '../../src/deliver/email/render.ts';
import { createFieldCompiler } from '../../src/route/fields.ts';
import { createAllowance, createMeter, MESSAGE_LIMITS, TemplateTooCostly } from '../../src/template/allowance.ts';
import { loadEmailTemplates } from '../../src/template/email.ts';
import { loadSlackTemplates } from '../../src/template/slack.ts';
import { viewOf } from '../../src/template/view.ts';

const folder = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'costly-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return dir;
};

const view = (data: Record<string, unknown> = {}) =>
  viewOf(
    { id: 'wh_1', type: 'booking.created', data },
    { movedFrom: null, event: null },
    { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' },
  );

const mailOf = async (text: string, pieces: Readonly<Record<string, string>> = {}) => {
  const dir = await folder({ 'a.html': '---\nsubject: s\n---\n<p>hi</p>', 'a.txt': text, ...pieces });
  const { templates, problems } = await loadEmailTemplates(dir);
  expect(problems).toEqual([]);
  const template = templates.get('a');
  if (!template) throw new Error('there is no template');
  return template;
};

/** What a render throws, and the milliseconds of processor time it took. */
const failureOf = (render: () => unknown): { readonly error: unknown; readonly took: number } => {
  const begun = process.threadCpuUsage();
  const took = (): number => {
    const { user, system } = process.threadCpuUsage(begun);
    return (user + system) / 1000;
  };
  try {
    render();
  } catch (error) {
    return { error, took: took() };
  }
  throw new Error('nothing failed');
};

const MUCH = { list: Array.from({ length: 20_000 }, (_, index) => ({ index })), notes: 'word '.repeat(190_000) };

/** Templates that would take minutes, or all of the memory. */
const COSTLY: [what: string, text: string, said: RegExp, pieces?: Record<string, string>][] = [
  [
    'loops in loops',
    '{% for a in (1..100000) %}{% for b in (1..100000) %}{% for c in (1..100000) %}{% endfor %}{% endfor %}{% endfor %}',
    /takes more than 250 ms/,
  ],
  [
    'loops over what somebody typed',
    '{% for a in data.list %}{% for b in data.list %}x{% endfor %}{% endfor %}',
    /ms|million/,
  ],
  ['a huge range', '{% for a in (1..100000000) %}{% endfor %}', /longer than 1.2 million/],
  ['a huge range that is only filtered', '{{ (1..100000000) | size }}', /longer than 1.2 million/],
  [
    'an endless range',
    '{% for a in (1..1e999) %}{% endfor %}{% for a in (1..99999999999999999999) %}{% endfor %}',
    /longer/,
  ],
  [
    'text that doubles',
    '{% assign s = "0123456789" %}{% for a in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}',
    /longer than 1.2 million/,
  ],
  [
    'captures that hold themselves',
    '{% assign s = "0123456789" %}{% for a in (1..60) %}{% capture s %}{{ s }}{{ s }}{{ s }}{% endcapture %}{% endfor %}',
    /more than 20 million characters/,
  ],
  ['text that goes on', '{% for a in (1..1000000) %}{{ data.notes }}{% endfor %}', /more than 20 million characters/],
  [
    'an expression for each entry of a list',
    '{% assign found = (1..1000000) | where_exp: "i", "i > 3" %}{% for a in (1..1000) %}{% assign found = found | where_exp: "i", "i > 3" %}{% endfor %}',
    /ms|million/,
  ],
  [
    'much work for a few characters',
    '{% for a in (1..1000000) %}{% assign n = data.notes | split: " " | sort | uniq | size %}{% endfor %}',
    /ms|million/,
  ],
  ['padding', "{{ 'now' | date: '%999999999N' }}{{ data.notes | date: '%999999999d' }}", /longer|million/],
  [
    'a piece that renders itself',
    "{% render '_loop.txt' %}",
    /over 100 deep/,
    { '_loop.txt': "x{% render '_loop.txt' %}" },
  ],
  [
    'pieces that double each other',
    "{% render '_p0.txt' %}",
    /ms|million/,
    Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [
        `_p${index}.txt`,
        index === 59 ? 'x' : `{% render '_p${index + 1}.txt' %}{% render '_p${index + 1}.txt' %}`,
      ]),
    ),
  ],
];

describe('what costs too much is stopped, and says so', () => {
  test.each(COSTLY)('%s', async (_what, text, said, pieces) => {
    const template = await mailOf(text, pieces);
    const { error, took } = failureOf(() => renderEmail(template, 'a', view(MUCH)));
    expect(error).toMatchObject({ name: 'DeliveryError', code: 'template_failed', verdict: 'permanent' });
    expect(error).toMatchObject({ message: expect.stringMatching(said) });
    expect(error).toMatchObject({ message: expect.stringMatching(/"a" failed: .*look for .*Mend it, then retry/s) });
    // One step can't be cut short, such as the sorting of a million entries.
    expect(took).toBeLessThan(1_000);
  });

  test('its message holds nothing of the data', async () => {
    const template = await mailOf('{% for a in (1..1000000) %}{{ data.notes }}{% endfor %}');
    const { error } = failureOf(() => renderEmail(template, 'a', view(MUCH)));
    expect(String(error)).not.toContain('word word');
  });

  test('all parts of a mail share the time', async () => {
    const slow = '{% for a in (1..1000000) %}{% if data.x == 1 %}{% endif %}{% endfor %}';
    const dir = await folder({ 'a.html': `---\nsubject: "${slow}"\npreview: "${slow}"\n---\n${slow}`, 'a.txt': slow });
    const { templates } = await loadEmailTemplates(dir);
    const { error, took } = failureOf(() => templates.get('a')?.render(view()));
    expect(String(error)).toMatch(/takes more than 250 ms/);
    expect(took).toBeLessThan(500);
  });

  test('a Slack template', async () => {
    const dir = await folder({
      'a.yaml': 'text: "{% for a in data.list %}{% for b in data.list %}x{% endfor %}{% endfor %}"\n',
      'b.yaml': 'text: ok\nset: { x: "{% for a in (1..100000000) %}{% endfor %}" }\n',
    });
    const { templates, problems } = await loadSlackTemplates(dir);
    const { error, took } = failureOf(() => templates.get('a')?.render(view(MUCH)));
    expect(String(error)).toMatch(/ms|million/);
    expect(took).toBeLessThan(500);
    // What is too costly whatever the data is found when it is loaded.
    expect(problems).toMatchObject([
      { severity: 'error', field: 'set.x', message: expect.stringMatching(/longer than/) },
    ]);
  });

  test('a field of a rule', () => {
    const field = createFieldCompiler().text(
      '{% for a in data.list %}{% for b in data.list %}x{% endfor %}{% endfor %}',
    );
    const { error, took } = failureOf(() => field.render(view(MUCH)));
    expect(String(error)).toMatch(/takes more than 50 ms|million/);
    expect(took).toBeLessThan(250);
  });
});

test('tags nested deeper than the stack are a problem when loaded', async () => {
  const depth = 50_000;
  const text = '{% if a %}'.repeat(depth) + '{% endif %}'.repeat(depth);
  const dir = await folder({ 'a.html': '---\nsubject: s\n---\nx', 'a.txt': text });
  const { templates, problems } = await loadEmailTemplates(dir);
  expect([...templates.keys()]).toEqual([]);
  expect(problems).toMatchObject([{ severity: 'error', file: join(dir, 'a.txt') }]);
});

test('pieces that include each other are a problem when loaded', async () => {
  const dir = await folder({
    'a.html': '---\nsubject: s\n---\nx',
    'a.txt': "{% include '_a.txt' %}",
    '_a.txt': "{% include '_b.txt' %}",
    '_b.txt': "{% include '_a.txt' %}",
  });
  const { problems } = await loadEmailTemplates(dir);
  expect(problems).toMatchObject([
    { severity: 'error', message: expect.stringMatching(/a piece that includes itself/) },
  ]);
});

test.each(['constructor', '__proto__', 'toString', '../secret.txt', '/etc/passwd', 'file:///etc/passwd'])(
  'no template reaches %s',
  async (name) => {
    for (const tag of ['render', 'include', 'layout']) {
      const dir = await folder({ 'a.html': '---\nsubject: s\n---\nx', 'a.txt': `{% ${tag} '${name}' %}` });
      const { templates, problems } = await loadEmailTemplates(dir);
      expect(templates.size).toBe(0);
      expect(problems).toMatchObject([{ message: expect.stringMatching(/^there is no ".*" in this folder/) }]);
    }
  },
);

test('a megabyte that somebody typed is a mail all the same', async () => {
  const template = await mailOf('{{ data.notes }}\n{{ data.notes | one_line | upcase }}');
  expect(template.render(view({ notes: '&"<>'.repeat(245_000) })).text.length).toBeGreaterThan(1_900_000);
});

test('a template is given less time after it took too much, and all of it again once it was within it', () => {
  const allowed: number[] = [];
  const within = createAllowance({ ...MESSAGE_LIMITS, milliseconds: 100 });
  const overrun = () => {
    const { took } = failureOf(() =>
      within((meter) => {
        for (;;) meter.check(performance.now());
      }),
    );
    allowed.push(took < 8 ? 2 : took < 60 ? 10 : 100);
  };
  for (let round = 0; round < 6; round += 1) overrun();
  expect(within(() => 'fine')).toBe('fine');
  overrun();
  expect(allowed).toEqual([100, 100, 10, 10, 10, 2, 100]);
});

test('a machine that stood still costs a template nothing', () => {
  let passed = 0;
  let worked = 0;
  const meter = createMeter({ ...MESSAGE_LIMITS, milliseconds: 250 }, { passed: () => passed, worked: () => worked });
  passed += 3_600_000;
  worked += 200;
  meter.check(passed);
  passed += 49;
  meter.check(passed);
  passed += 2;
  worked += 51;
  expect(() => meter.check(passed)).toThrow(TemplateTooCostly);
});
