import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/core/problem.ts';
import type { RenderedSlack } from '../../src/template/library.ts';
import { loadSlackTemplates } from '../../src/template/slack.ts';
import { compileSlackTemplate } from '../../src/template/slack-compile.ts';
import { createSlackLiquid } from '../../src/template/slack-liquid.ts';
import { viewOf } from '../../src/template/view.ts';
import { aWebhook } from '../support/builders.ts';
import { blockProblems, blocksTooLong } from '../support/slack-api-blocks.ts';
import { tempFolder } from '../support/temp.ts';

const compile = (source: string): ReturnType<typeof compileSlackTemplate> =>
  compileSlackTemplate({ name: 't', file: 't.yaml', source }, createSlackLiquid());

const problemsOf = (source: string): readonly Problem[] => compile(source).problems;

const render = (source: string, data: Record<string, unknown> = {}): RenderedSlack => {
  const { template, problems } = compile(source);
  expect(problems).toEqual([]);
  if (!template) throw new Error('did not compile');
  const settings = { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' };
  const message = template.render(viewOf(aWebhook({ data }), { movedFrom: null, event: null }, settings));
  expect(blockProblems(message.blocks)).toEqual([]);
  return message;
};

const section = (text: string): string =>
  `text: t\nblocks:\n  - type: section\n    text: { type: mrkdwn, text: ${JSON.stringify(text)} }\n`;

describe('problems name the line and the field', () => {
  test.each([
    ['YAML that can not be read', 'text: "a\nblocks: []\n', { line: 3 }, /quote/],
    ['a missing text', 'blocks: []\n', { line: 1, field: 'text' }, /missing/],
    ['an unknown key', 'text: a\nblock: []\n', { line: 2, field: 'block' }, /not known/],
    [
      'an unknown key in a block',
      'text: a\nblocks:\n  - type: divider\n    colour: red\n',
      { line: 4, field: 'blocks[0].colour' },
      /not known/,
    ],
    [
      'an unknown block',
      'text: a\nblocks:\n  - type: carousel\n',
      { line: 3, field: 'blocks[0].type' },
      /section, header/,
    ],
    [
      'a Liquid error',
      'text: a\nblocks:\n  - type: header\n    text: { type: plain_text, text: "{{ a | nope }}" }\n',
      { line: 4, field: 'blocks[0].text.text' },
      /undefined filter: nope/,
    ],
    [
      'a Liquid error inside a block of text',
      'text: |\n  one\n  {% if data.id %}\n  two\n',
      { line: 3, field: 'text' },
      /not closed/,
    ],
    [
      'a condition in braces',
      'text: a\nblocks:\n  - type: divider\n    if: "{{ data.id }}"\n',
      { line: 4, field: 'blocks[0].if' },
      /without/,
    ],
    [
      'a condition that is none',
      'text: a\nblocks:\n  - type: divider\n    if: data.id | nope\n',
      { line: 4, field: 'blocks[0].if' },
      /undefined filter/,
    ],
    ['a file that Liquid can not reach', 'text: "{% render \'../../.env\' %}"\n', { line: 1, field: 'text' }, /./],
    [
      'a fixed text over the limit',
      `text: a\nblocks:\n  - type: header\n    text:\n      type: plain_text\n      text: ${'x'.repeat(151)}\n`,
      { line: 6, field: 'blocks[0].text.text' },
      /150/,
    ],
    [
      'markup where Slack has none',
      'text: a\nblocks:\n  - type: header\n    text: { type: mrkdwn, text: a }\n',
      { line: 4 },
      /plain_text/,
    ],
    ['a name that the webhook has', 'text: a\nset:\n  data: x\n', { line: 3, field: 'set.data' }, /taken/],
    ['a section of nothing', 'text: a\nblocks:\n  - type: section\n', { line: 3, field: 'blocks[0]' }, /neither/],
    ['too many blocks', `text: a\nblocks:\n${'  - type: divider\n'.repeat(51)}`, { line: 2, field: 'blocks' }, /50/],
    [
      'an element that waits for an answer',
      'text: a\nblocks:\n  - type: actions\n    elements:\n      - { type: datepicker }\n',
      { line: 5 },
      /button/,
    ],
  ])('%s', (_what, source, place, message) => {
    const problems = problemsOf(source);
    expect(problems[0]).toMatchObject({ severity: 'error', file: 't.yaml', ...place });
    expect(problems[0]?.message).toMatch(message);
  });

  test('aliases that unfold without end are an error, not a crash', () => {
    expect(problemsOf('text: &a [*a]\n')).not.toEqual([]);
    const lines = Array.from({ length: 12 }, (_, n) => `a${n}: &a${n} [${n ? `*a${n - 1},`.repeat(9) : 'x'}]`);
    expect(problemsOf(lines.join('\n'))).not.toEqual([]);
  });
});

describe('data can fill a text, and nothing else', () => {
  test('text that looks like YAML or Liquid stays text', () => {
    const message = render(section('{{ data.title }}'), { title: '" }\n  - type: divider {{ data.id }}' });
    expect(message.blocks).toHaveLength(1);
    expect(message.blocks[0]).toMatchObject({ text: { text: '" } - type: divider {{ data.id }}' } });
  });

  test('what `set` names is escaped where it is used', () => {
    const message = render('set:\n  who: "{{ data.title }}"\ntext: "{{ who }}"\n', { title: '<!here>' });
    expect(message.text).toBe('&lt;!here&gt;');
  });

  test('plain text is not escaped twice, and shows no emoji codes', () => {
    const message = render(
      'text: t\nblocks:\n  - type: header\n    text: { type: plain_text, text: "{{ data.title }}" }\n',
      {
        title: 'Tom & <Jerry> :tada:',
      },
    );
    expect(message.blocks[0]).toMatchObject({ text: { text: 'Tom & <Jerry> :tada:', emoji: false } });
  });

  test('Slack is told to link nothing by itself', () => {
    expect(render(section('x')).blocks[0]).toMatchObject({ text: { verbatim: true } });
  });
});

describe('what came out empty is left out', () => {
  test('sections, fields, contexts and headers', () => {
    const source = `text: t
blocks:
  - { type: section, text: { type: mrkdwn, text: "{{ data.none }}" } }
  - { type: header, text: { type: plain_text, text: " {{ data.none }} " } }
  - { type: context, elements: [{ type: mrkdwn, text: "{{ data.none }}" }] }
  - type: section
    fields: [{ type: mrkdwn, text: "{{ data.none }}" }, { type: mrkdwn, text: "kept" }]
`;
    expect(render(source).blocks).toEqual([
      { type: 'section', fields: [{ type: 'mrkdwn', text: 'kept', verbatim: true }] },
    ]);
  });

  test('a button or picture without a web address', () => {
    const source = `text: t
blocks:
  - type: section
    text: { type: mrkdwn, text: a }
    accessory: { type: image, image_url: "{{ data.picture }}", alt_text: a }
  - type: actions
    elements:
      - { type: button, text: { type: plain_text, text: Open }, url: "{{ data.link }}" }
      - { type: button, text: { type: plain_text, text: Home }, url: "https://example.com/{{ data.title }}" }
`;
    const { blocks } = render(source, { link: 'javascript:alert(1)', picture: 'file:///etc/passwd', title: 'a' });
    expect(blocks[0]).not.toHaveProperty('accessory');
    expect(blocks[1]).toMatchObject({ elements: [{ url: 'https://example.com/a' }] });
  });

  test.each([
    ['data.status == "PENDING"', 1],
    ['data.status == "CONFIRMED"', 0],
    ['data.title', 0],
    ['moved_from', 0],
    ['when', 1],
  ])('a block under `if: %s` where that does not hold', (condition, blocks) => {
    const source = `text: t\nblocks:\n  - { type: divider, if: '${condition}' }\n`;
    expect(render(source, { title: '' }).blocks).toHaveLength(blocks);
  });

  test('the notification falls back to the type', () => {
    expect(render('text: "{{ data.none }}"\n').text).toBe('WebKasa: booking.created');
  });
});

describe('what is too long is cut', () => {
  const loop = (times: number, inside: string): string => `{% for i in (1..${times}) %}${inside}{% endfor %}`;

  test('never inside an entity', () => {
    const { text } = render(`text: "${loop(50, '{{ data.title }}')}"`, { title: '&'.repeat(400) });
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text).toMatch(/^(&amp;)+…/);
    expect(text.replaceAll('&amp;', '')).toBe('…');
  });

  test('never inside a token', () => {
    const source = `text: "${loop(60, '{{ when | slack_time }} ')}"`;
    const { text } = render(source);
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text.replace(/<!date\^\d+\^[^<>]+>\s?/g, '')).toBe('…');
  });

  test('never inside a character', () => {
    const { text } = render(`text: "${loop(50, '{{ data.title }}')}"`, { title: `a${'👋'.repeat(100)}` });
    expect(text.isWellFormed()).toBe(true);
    expect(text.endsWith('…')).toBe(true);
  });

  test('each part to its own limit', () => {
    const long = loop(400, '{{ data.title }}');
    const message = render(
      `text: t
blocks:
  - { type: header, text: { type: plain_text, text: "${long}" } }
  - { type: section, text: { type: mrkdwn, text: "${long}" }, fields: [{ type: mrkdwn, text: "${long}" }] }
`,
      { title: 'abcdefghij' },
    );
    expect(JSON.stringify(message.blocks)).toContain('…');
  });

  test('all blocks together to what Slack takes, the last first', () => {
    const block = `  - { type: section, text: { type: mrkdwn, text: "${loop(400, 'abcdefghij')}" } }\n`;
    const { blocks } = render(`text: t\nblocks:\n${block.repeat(20)}`);
    expect(blocksTooLong(blocks)).toBe(false);
    expect(blocks).toHaveLength(4);
  });
});

describe('a folder of templates', () => {
  test('gives those that compile, and the problems of the others', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'good.yaml'), 'text: hello\n');
    await writeFile(join(folder, 'bad.yaml'), 'text: "{{ a | nope }}"\n');
    await writeFile(join(folder, 'old.yml'), 'text: hello\n');
    await writeFile(join(folder, 'README.md'), 'no template');
    const { templates, problems } = await loadSlackTemplates(folder);
    expect([...templates.keys()]).toEqual(['good']);
    expect(problems.map(({ file, severity }) => [file, severity])).toEqual([
      [join(folder, 'bad.yaml'), 'error'],
      [join(folder, 'old.yml'), 'warning'],
    ]);
  });

  test('that is not there is a problem', async () => {
    const { problems } = await loadSlackTemplates(join(await tempFolder(), 'none'));
    expect(problems).toMatchObject([{ severity: 'error' }]);
  });
});

describe('a link', () => {
  const linked = (url: unknown) =>
    render('text: t\nlink: { text: Open, url: "{{ data.url | default: data.location }}" }\n', { url }).link;

  test.each([
    [
      'https://meet.example.com/a?b=1&c=2',
      { text: 'Open (meet.example.com)', url: 'https://meet.example.com/a?b=1&c=2' },
    ],
    ['HTTP://EXAMPLE.COM', { text: 'Open (example.com)', url: 'http://example.com/' }],
    [`https://example.com/${'x'.repeat(900)}`, { text: 'Open (example.com)', url: expect.stringMatching(/x{900}$/) }],
    // The end of a host says whose it is.
    [
      `https://bank.example.com.${'a.'.repeat(40)}evil.example/`,
      { text: expect.stringMatching(/^Open \(….*evil\.example\)$/), url: expect.any(String) },
    ],
  ])('to %s says where it leads', (url, link) => {
    expect(linked(url)).toEqual(link);
  });

  test.each([
    'javascript:alert(1)',
    'Room 4',
    '',
    null,
    { a: 1 },
    'https://',
    'https://bank.example@evil.example/',
    `https://example.com/${'x'.repeat(3000)}`,
  ])('to %j is left out', (url) => {
    expect(linked(url)).toBeUndefined();
  });

  test('that a template misspells is named', () => {
    expect(problemsOf('text: t\nlink: { text: Open, uri: x }\n')[0]).toMatchObject({ severity: 'error', line: 2 });
  });
});
