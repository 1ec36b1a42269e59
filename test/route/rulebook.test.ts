import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeProblem } from '../../src/core/problem.ts';
import { loadRulebook, type RulebookOptions } from '../../src/route/rulebook.ts';
import { aFolder, aLibrary, loadText, SETTINGS } from './support.ts';

/** The problems of a rules file, as people see them, without the folder. */
const problemsOf = async (text: string, options: Partial<RulebookOptions> = {}): Promise<string[]> =>
  (await loadText(text, options)).problems.map(
    (problem) => `${problem.severity}: ${describeProblem({ ...problem, file: problem.file.split('/').at(-1) ?? '' })}`,
  );

const MAIL = '{ email: { to: "{{ data.attendee_email }}", template: booking-created } }';

/** A file with one rule whose parts can be replaced; `when` is on line 4, the only action on line 6. */
const file = ({ on = '[booking.created]', when = '{ data.status: PENDING }', action = MAIL } = {}): string => `rules:
  - id: confirm
    on: ${on}
    when: ${when}
    actions:
      - ${action}
`;

test('rules without problems are ready for use', async () => {
  const { rulebook, problems } = await loadText(file());
  expect(problems).toEqual([]);
  expect(rulebook?.rules.map(({ id }) => id)).toEqual(['confirm']);
  expect([...(rulebook?.neededChannels ?? [])]).toEqual(['email']);
  expect(rulebook?.version).toMatch(/^[0-9a-f]{12}$/);
});

test('the rule of the readme is accepted as it stands', async () => {
  const text = `
    rules:
      - id: confirm-booking                  # stable: it is in ids, logs and answers
        on: [booking.created, "registration.*"]
        when: { data.schedule_id: { $in: [sch_abc123] }, data.attendee_email: { $not: { $regex: "@ourteam\\\\.example$" } } }
        actions:
          - email: { to: "{{ data.attendee_email }}", template: booking-created }
          - slack: { channel: "#bookings", template: booking }
          - sheet: { file: "bookings.csv", columns: { Booking: "{{ data.id }}", Guest: "{{ data.attendee_name }}" } }
  `;
  const { rulebook, problems } = await loadText(text);
  expect(problems).toEqual([]);
  expect([...(rulebook?.neededChannels ?? [])]).toEqual(['email', 'slack', 'sheet']);
});

test('the version follows the text', async () => {
  const version = async (text: string) => (await loadText(text)).rulebook?.version;
  expect(await version(file())).toBe(await version(file()));
  expect(await version(file())).not.toBe(await version(`${file()}\n# changed`));
});

describe('a problem is told with file, line, rule and field', () => {
  test.each<[string, string, string[]]>([
    [
      'YAML that is none',
      'rules:\n  - id: [a\n',
      [
        'error: rules.yaml:3: is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    [
      'two documents',
      `${file()}---\n${file()}`,
      ['error: rules.yaml:7: holds a second document: take the line --- away, since all rules are in one list'],
    ],
    [
      'a channel without quotes in braces',
      file({ action: 'slack: { channel: #bookings, template: booking }' }),
      [
        'error: rules.yaml:7: is not valid YAML: Flow map in block collection must be sufficiently indented and end with a } (a # that is not in quotes hides the rest of its line: write "#bookings")',
      ],
    ],
    [
      'a tab',
      'rules:\n\t- id: a',
      ['error: rules.yaml:2: is not valid YAML: Tabs are not allowed as indentation (indent with spaces)'],
    ],
    [
      'a star without quotes',
      file({ on: '[*]' }),
      [
        'error: rules.yaml:3: is not valid YAML: Alias cannot be an empty string (a text that begins with * needs quotes: "*")',
      ],
    ],
    [
      'braces without quotes',
      file({ action: '{ email: { to: {{ data.attendee_email }}, template: booking-created } }' }),
      [
        'error: rules.yaml:6: is not valid YAML: With stringKeys, all keys must be strings (a text that begins with {{ needs quotes: "{{ data.id }}")',
      ],
    ],
    [
      'a channel without quotes',
      file({ action: 'slack:\n          channel: #bookings\n          template: booking' }),
      [
        'error: rules.yaml:7 confirm actions[0].slack.channel: is empty; it takes a text, and a text that begins with # or * needs quotes, like "#bookings"',
      ],
    ],
    [
      'a single backslash in double quotes',
      file({ when: '{ data.status: { $regex: "a\\.b" } }' }),
      [
        "error: rules.yaml:4: is not valid YAML: Invalid escape sequence \\. (in double quotes write \\\\ for each \\, or use single quotes: '@example\\.com$')",
      ],
    ],
    [
      'a key written twice',
      `${file()}    on: [event.created]\n`,
      ['error: rules.yaml:7: is not valid YAML: Map keys must be unique'],
    ],
    [
      'a tag',
      'rules: !!js/function "x"',
      ['error: rules.yaml:1: is not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function'],
    ],
    [
      'an empty file',
      '',
      [
        'error: rules.yaml:1: is empty; templates/rules.yaml shows how rules are written, and "rules: []" stands for none at all',
      ],
    ],
    [
      'a file of comments',
      '# nothing\n',
      [
        'error: rules.yaml:1: is empty; templates/rules.yaml shows how rules are written, and "rules: []" stands for none at all',
      ],
    ],
    ['a list in place of the file', '- id: a', ['error: rules.yaml:1: takes keys and values, not a list']],
    [
      'a misspelt key of the file',
      'rule:\n  - id: a',
      ['error: rules.yaml:1 rules: is missing', 'error: rules.yaml:1 rule: is not known here; did you mean "rules"?'],
    ],
    [
      'a misspelt key of a rule',
      file().replace('    when:', '    wenn:'),
      ['error: rules.yaml:4 confirm wenn: is not known here; did you mean "when"?'],
    ],
    [
      'a key like no other',
      file().replace('    when:', '    condition:'),
      ['error: rules.yaml:4 confirm condition: is not known here; known are id, on, when, actions'],
    ],
    [
      'a misspelt action',
      file({ action: '{ emial: { to: x } }' }),
      ['error: rules.yaml:6 confirm actions[0].emial: is not known here; did you mean "email"?'],
    ],
    [
      'a misspelt key of an action',
      file({ action: '{ slack: { chanel: "#a", template: booking } }' }),
      ['error: rules.yaml:6 confirm actions[0].slack.chanel: is not known here; did you mean "channel"?'],
    ],
    [
      'two actions under one dash',
      file({ action: 'slack: { template: booking }\n        sheet: { file: a.csv, columns: { A: a } }' }),
      [
        'error: rules.yaml:6 confirm actions[0]: takes exactly one of email, slack and sheet; begin each action with a dash of its own',
      ],
    ],
    [
      'an id with a space',
      file().replace('id: confirm', 'id: confirm it'),
      ['error: rules.yaml:2 confirm it id: takes letters, digits, "-", "_" and ".", 80 at most'],
    ],
    [
      "an id like a subscription's",
      file().replace('id: confirm', 'id: sub_1'),
      ['error: rules.yaml:2 sub_1 id: begins with sub_, as the ids of subscriptions do; take another name'],
    ],
    [
      'a rule without an id',
      'rules:\n  - on: [booking.created]\n    actions: []',
      ['error: rules.yaml:2 rule 1 id: is missing', 'error: rules.yaml:3 rule 1 actions: is an empty list'],
    ],
    ['no types', file({ on: '[]' }), ['error: rules.yaml:3 confirm on: is an empty list']],
    ['a type that is a number', file({ on: '[1]' }), ['error: rules.yaml:3 confirm on[0]: takes a text, not a number']],
    [
      'the same id twice',
      `${file()}${file().replace('rules:\n', '')}`,
      ['error: rules.yaml:7 confirm id: "confirm" is the id of rule 1 too; give each its own'],
    ],
    [
      'an unknown operator',
      file({ when: '{ data.status: { $inn: [A] } }' }),
      ['error: rules.yaml:4 confirm when.data.status.$inn: $inn is no operator; did you mean "$in"?'],
    ],
    [
      'code in a condition',
      file({ when: '{ $where: "true" }' }),
      ['error: rules.yaml:4 confirm when.$where: $where runs code and is not supported; use $regex, $in and the like'],
    ],
    [
      'a broken regular expression',
      file({ when: '{ data.status: { $regex: "(" } }' }),
      [
        'error: rules.yaml:4 confirm when.data.status.$regex: $regex "(" is no regular expression: Invalid regular expression: /(/: Unterminated group',
      ],
    ],
    [
      'Liquid that is not closed',
      file({ action: '{ slack: { text: "{{ data.id" } }' }),
      ['error: rules.yaml:6 confirm actions[0].slack.text: its Liquid can\'t be read: output "{{ data.id" not closed'],
    ],
    [
      'an unknown filter in a column',
      file({
        action:
          'sheet:\n          file: a.csv\n          columns:\n            A: a\n            B: "{{ data.id | upcse }}"',
      }),
      ["error: rules.yaml:10 confirm actions[0].sheet.columns.B: its Liquid can't be read: undefined filter: upcse"],
    ],
    [
      'an unknown mail template',
      file({ action: '{ email: { to: "{{ data.attendee_email }}", template: booking-creatd } }' }),
      [
        'error: rules.yaml:6 confirm actions[0].email.template: there is no template "booking-creatd"; did you mean "booking-created"?',
      ],
    ],
    [
      'an unknown Slack template',
      file({ action: '{ slack: { template: something-else } }' }),
      [
        'error: rules.yaml:6 confirm actions[0].slack.template: there is no template "something-else"; there are booking, event',
      ],
    ],
    [
      'a template and a text',
      file({ action: '{ slack: { template: booking, text: x } }' }),
      ['error: rules.yaml:6 confirm actions[0].slack: takes either a template or a text: write one of the two'],
    ],
    [
      'neither a template nor a text',
      file({ action: '{ slack: { channel: "#a" } }' }),
      ['error: rules.yaml:6 confirm actions[0].slack: takes either a template or a text: write one of the two'],
    ],
    [
      'a misspelt word',
      file({ action: '{ slack: { template: booking, late: never } }' }),
      ['error: rules.yaml:6 confirm actions[0].slack.late: takes "skip" or "deliver"'],
    ],
    [
      'a sheet that is no .csv',
      file({ action: '{ sheet: { file: bookings.xlsx, columns: { A: a } } }' }),
      [
        'error: rules.yaml:6 confirm actions[0].sheet.file: does not end in .csv; write a name like bookings.csv (tried on booking.created)',
      ],
    ],
    [
      'a sheet in another folder',
      file({ action: '{ sheet: { file: "../{{ data.id }}.csv", columns: { A: a } } }' }),
      [
        'error: rules.yaml:6 confirm actions[0].sheet.file: what it makes of data.id is no plain file name; write one like bookings.csv, without a folder (tried on booking.created)',
      ],
    ],
    [
      'an address that is none',
      file({ action: '{ email: { to: "Office <{{ data.attendee_email }}>", template: booking-created } }' }),
      [
        'error: rules.yaml:6 confirm actions[0].email.to: what it makes of data.attendee_email is not one mail address like john@example.com (tried on booking.created)',
      ],
    ],
    [
      'a column with nothing in it',
      file({ action: 'sheet: { file: a.csv, columns: { A: } }' }),
      [
        'error: rules.yaml:6 confirm actions[0].sheet.columns.A: is empty; it takes a text, and a text that begins with # or * needs quotes, like "#bookings"',
      ],
    ],
    [
      'aliases without end',
      'a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nrules: [*c,*c,*c,*c,*c]',
      [
        "error: rules.yaml: its aliases can't be followed: Excessive alias count indicates a resource exhaustion attack",
      ],
    ],
    [
      'a file far too long',
      `# ${'x'.repeat(1_000_000)}`,
      ['error: rules.yaml: is longer than 1 MB; is it the right file?'],
    ],
  ])('%s', async (_name, text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
    expect((await loadText(text)).rulebook).toBeUndefined();
  });
});

describe('what may be meant is a warning, and the rules are used', () => {
  test.each<[string, string, string[]]>([
    [
      'a list that everything was taken out of',
      'rules:\n  # - id: a\n',
      [
        'warning: rules.yaml:1 rules: there are none, so nobody is told anything; templates/rules.yaml shows how they are written',
      ],
    ],
    [
      'an empty list',
      'rules: []',
      [
        'warning: rules.yaml:1 rules: there are none, so nobody is told anything; templates/rules.yaml shows how they are written',
      ],
    ],
    [
      'a type that WebKasa does not document',
      file({ on: '[booking.created, booking.creatd]' }),
      [
        'warning: rules.yaml:3 confirm on[1]: WebKasa documents no type like booking.creatd; did you mean booking.created?',
      ],
    ],
    [
      'types from elsewhere, of which nothing is known',
      file({
        on: '["invoice.*"]',
        when: '{ data.total: { $gt: 5 } }',
        action: '{ slack: { text: "{{ data.total }}" } }',
      }),
      ['warning: rules.yaml:3 confirm on[0]: WebKasa documents no type like invoice.*'],
    ],
    [
      'a condition on a field that no such webhook has',
      file({ when: '\n      data.schedule_id: a\n      data.schedul_id: a' }),
      [
        'warning: rules.yaml:6 confirm when.data.schedul_id: data.schedul_id is in no webhook that WebKasa documents for these types; did you mean data.schedule_id?',
      ],
    ],
    [
      'a condition without "data."',
      file({ when: '{ $or: [{ schedule_id: a }] }' }),
      [
        'warning: rules.yaml:4 confirm when.$or[0].schedule_id: schedule_id is in no webhook that WebKasa documents for these types; did you mean data.schedule_id?',
      ],
    ],
    [
      'a field that only other types have',
      file({ action: '{ slack: { text: "{{ data.id }} {{ data.guest_count }}" } }' }),
      [
        'warning: rules.yaml:6 confirm actions[0].slack.text: data.guest_count is in no webhook that WebKasa documents for these types',
      ],
    ],
    [
      'an address in a field that is misspelt',
      file({ action: '{ email: { to: "{{ data.atendee_email }}", template: booking-created } }' }),
      [
        'warning: rules.yaml:6 confirm actions[0].email.to: data.atendee_email is in no webhook that WebKasa documents for these types; did you mean data.attendee_email?',
        'warning: rules.yaml:6 confirm actions[0].email.to: there is no address in data.atendee_email (tried on booking.created)',
      ],
    ],
  ])('%s', async (_name, text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
    expect((await loadText(text)).rulebook).toBeDefined();
  });
});

test.each([
  ['a field only some of the types have', file({ on: '["*"]' })],
  ['fields that are documented and in no sample', file({ when: '{ data.location_type: phone, data.title: x }' })],
  [
    'what the bot knows besides',
    file({ action: '{ slack: { text: "{{ when.text }} {{ moved_from.date }} {{ settings.public_url }}" } }' }),
  ],
  [
    'the event of a registration',
    file({ on: '["registration.*"]', action: '{ slack: { text: "{{ event.title }}" } }' }),
  ],
  ['the size of a text', file({ action: '{ slack: { text: "{{ data.status.size }}" } }' })],
  ['whether it moved', file({ when: '{ moved: true }' })],
  ['the whole data', file({ when: '{ data: { $exists: true } }' })],
  ['one type in place of a list', file({ on: 'booking.created' })],
  [
    'columns shared by an alias',
    `${file({ action: 'sheet: { file: a.csv, columns: &columns { A: "{{ data.id }}" } }' })}      - sheet: { file: b.csv, columns: *columns }`,
  ],
])('%s is no problem', async (_name, text) => {
  expect(await problemsOf(text)).toEqual([]);
});

test('a problem behind an alias is told at a line there is', async () => {
  const text = `${file({ action: 'sheet: { file: a.csv, columns: &columns { A: "{{ x" } }' })}      - sheet: { file: b.csv, columns: *columns }`;
  expect(await problemsOf(text)).toEqual([
    expect.stringContaining('rules.yaml:6 confirm actions[0].sheet.columns.A: '),
    expect.stringContaining('rules.yaml:6 confirm actions[1].sheet.columns.A: '),
  ]);
});

test('all problems are told at once, in the order of the lines', async () => {
  const text = `${file({ on: '[booking.creatd]', when: '{ data.status: { $bad: 1 } }' })}
  - id: second
    on: [event.created]
    actions:
      - slack: { template: bookin }
  - { id: third }
`;
  expect((await problemsOf(text)).map((problem) => problem.split(' ').slice(1, 4).join(' '))).toEqual([
    'rules.yaml:4 confirm when.data.status.$bad:',
    'rules.yaml:11 second actions[0].slack.template:',
    'rules.yaml:12 third on:',
    'rules.yaml:12 third actions:',
  ]);
});

test('a missing file says what to do', async () => {
  const rulesFile = join(await aFolder(), 'gone.yaml');
  const { rulebook, problems } = await loadRulebook({
    rulesFile,
    templates: aLibrary(),
    settings: SETTINGS,
    slackChannel: '#a',
  });
  expect(rulebook).toBeUndefined();
  expect(problems.map(describeProblem)).toEqual([
    `${rulesFile}: is not there; put it back, or name another file in RULES_FILE (templates/rules.yaml is a good start)`,
  ]);
});

test('a folder in place of the file is told, not thrown', async () => {
  const rulesFile = await aFolder();
  const { problems } = await loadRulebook({ rulesFile, templates: aLibrary(), settings: SETTINGS, slackChannel: '#a' });
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining("can't be read: EISDIR")]);
});

test('a channel that is not configured is told where a rule needs it', async () => {
  const missingChannels = new Map([['email', 'set SMTP_URL and MAIL_FROM'] as const]);
  expect(await problemsOf(file(), { missingChannels })).toEqual([
    'error: rules.yaml:6 confirm actions[0].email: email is not configured: set SMTP_URL and MAIL_FROM',
  ]);
  expect(await problemsOf(file({ action: '{ slack: { text: x } }' }), { missingChannels })).toEqual([]);
});

test('Google Sheets that is not configured is told where a rule names a spreadsheet', async () => {
  const missingChannels = new Map([['google', 'set GOOGLE_SERVICE_ACCOUNT_FILE'] as const]);
  const google = '{ sheet: { google: 1AbCdEfGhIjKlMnOpQrStUvWxYz, tab: A, columns: { A: a } } }';
  expect(await problemsOf(file({ action: google }), { missingChannels })).toEqual([
    'error: rules.yaml:6 confirm actions[0].sheet.google: Google Sheets is not configured: set GOOGLE_SERVICE_ACCOUNT_FILE',
  ]);
  expect(
    await problemsOf(file({ action: '{ sheet: { file: a.csv, columns: { A: a } } }' }), { missingChannels }),
  ).toEqual([]);
});

test("templates' own problems are told too, once, and count", async () => {
  const broken = { severity: 'error', file: '/t/email/booking-created.html', line: 3, message: 'no such tag' } as const;
  const templates = aLibrary({ email: [] }, [broken], { email: new Set(['booking-created']) });
  expect(await problemsOf(file(), { templates })).toEqual(['error: booking-created.html:3: no such tag']);
  expect((await loadText(file(), { templates })).rulebook).toBeUndefined();
});

test('a shared piece that is broken is told once, however many templates and rules use it', async () => {
  const broken = { severity: 'error', file: '/t/email/_layout.html', line: 3, message: 'no such tag' } as const;
  const names = new Set(['booking-created', 'booking-confirmed']);
  const templates = aLibrary({ email: [] }, [broken], { email: names });
  expect(await problemsOf(file(), { templates })).toEqual(['error: _layout.html:3: no such tag']);
  const misspelt = MAIL.replace('booking-created', 'booking-craeted');
  expect(await problemsOf(file({ action: misspelt }), { templates })).toEqual([
    'error: _layout.html:3: no such tag',
    expect.stringContaining('there is no template "booking-craeted"; did you mean "booking-created"?'),
  ]);
  const unreadable = { severity: 'error', file: '/t/email', message: "can't be read" } as const;
  const none = aLibrary({ email: [] }, [unreadable], { email: 'all' });
  expect(await problemsOf(file(), { templates: none })).toEqual(["error: email: can't be read"]);
});

test('a template that fails on a sample is told at the rule that uses it', async () => {
  const templates = aLibrary();
  const failing = {
    name: 'booking-created',
    render: () => {
      throw new Error('no such partial\nmore');
    },
  };
  const email = new Map([['booking-created', failing]]);
  expect(await problemsOf(file(), { templates: { ...templates, email } })).toEqual([
    'error: rules.yaml:6 confirm actions[0].email.template: the template "booking-created" fails on a booking.created: no such partial',
  ]);
});

test('a file that is not UTF-8 text is told, not thrown', async () => {
  const rulesFile = join(await aFolder(), 'rules.yaml');
  await writeFile(rulesFile, Uint8Array.from([0xff, 0xfe, 0x00, 0x72]));
  const { rulebook } = await loadRulebook({ rulesFile, templates: aLibrary(), settings: SETTINGS, slackChannel: '#a' });
  expect(rulebook).toBeUndefined();
  await rm(rulesFile);
});
