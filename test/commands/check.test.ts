import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

const withRules = async (rules: string) => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), rules);
  return { file: join(folder, 'rules.yaml'), env: { DATA_DIR: folder } };
};

describe('check', () => {
  test('looks at the starter rules where there are none yet, and makes no files', async () => {
    const folder = join(await tempFolder(), 'data');
    const { code, out } = await call(['check'], { env: { DATA_DIR: folder } });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^There are no rules yet\. These are the starter rules \(templates\/rules\.yaml\), which the first start copies\.\n\n\d+ rules, \d+ templates: no problems\n$/,
    );
  });

  test('names file, line, rule and field of each error, and ends with 1', async () => {
    const { file, env } = await withRules(`rules:
  - id: tell
    on: [booking.created]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-craeted }
`);
    const { code, out } = await call(['check'], { env });
    expect(code).toBe(1);
    expect(out).toContain(`Errors\n  ${file}:5 tell actions[0].email.template: `);
    expect(out).toContain('booking-created');
    expect(out).toMatch(/: 1 error\n$/);
    const document = JSON.parse((await call(['check', '--json'], { env })).out);
    expect(document).toMatchObject({
      ok: false,
      rules: null,
      problems: [{ severity: 'error', line: 5, rule: 'tell' }],
    });
  });

  test('counts the errors of a template where they are', async () => {
    const { env } = await withRules('rules: []\n');
    const templates = await tempFolder();
    await mkdir(join(templates, 'email'));
    await mkdir(join(templates, 'slack'));
    await writeFile(join(templates, 'email', 'hello.html'), '---\nsubject: Hello\n---\n{{ data.id | nothing }}');
    await writeFile(join(templates, 'email', 'hello.txt'), 'Hello');
    const { code, out } = await call(['check'], { env: { ...env, TEMPLATES_DIR: templates } });
    expect(code).toBe(1);
    expect(out).toMatch(/^\S+hello\.html: 1 error, 1 warning\n$/m);
  });

  test('warns of fields that nobody knows in mail templates, and of data that is not escaped', async () => {
    const { env } = await withRules('rules: [{ id: a, on: "*", actions: [{ slack: { text: x } }] }]\n');
    const templates = await tempFolder();
    await mkdir(join(templates, 'email'));
    await mkdir(join(templates, 'slack'));
    const html = [
      '---',
      'subject: Hello {{ data.titel }}',
      '---',
      'Dear {{ data.atendee_name }}, {{ data.title | raw }}',
      '{% comment %}{{ data.nothing }}{% endcomment %}{{ "data.nothing" }}',
      '{{ data.title | escape | newline_to_br | raw }} {{ settings.brand.name }} {{ registration.attendee_name }}',
    ];
    await writeFile(join(templates, 'email', 'hello.html'), html.join('\n'));
    await writeFile(join(templates, 'email', 'hello.txt'), 'Hello {{ data.title | raw }}');
    const { code, out } = await call(['check'], { env: { ...env, TEMPLATES_DIR: templates } });
    expect(code).toBe(0);
    const lines = out.split('\n').flatMap((line) => /hello\.\S+: .*/.exec(line)?.[0] ?? []);
    expect(lines).toEqual([
      'hello.html:4: data.title goes into the mail as HTML, also what strangers wrote: leave out "| raw", or put "| escape" before it',
      'hello.html:2: data.titel is in no webhook that WebKasa documents; did you mean data.title?',
      'hello.html:4: data.atendee_name is in no webhook that WebKasa documents; did you mean data.attendee_name?',
    ]);
  });

  test('ends with 0 where there are only warnings', async () => {
    const { file, env } = await withRules(`rules:
  - id: tell
    on: [bookings.created]
    actions:
      - slack: { template: webhook }
`);
    const { code, out } = await call(['check'], { env });
    expect(out).toContain(`Warnings\n  ${file}:3 tell on`);
    expect(out).toMatch(/1 rule, \d+ templates: 1 warning\n$/);
    expect(code).toBe(0);
  });

  test('says where a rules file that was named is missing', async () => {
    const folder = await tempFolder();
    const { code, out } = await call(['check'], { env: { DATA_DIR: folder, RULES_FILE: join(folder, 'mine.yaml') } });
    expect(code).toBe(1);
    expect(out).toContain('mine.yaml: is not there');
  });
});

test('rules schema is a JSON Schema', async () => {
  const { code, out } = await call(['rules', 'schema']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ type: 'object', properties: { rules: expect.anything() } });
});
