import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { changesBetween } from '../../src/core/changes.ts';
import { dataOf, parseWebhook, type Webhook } from '../../src/core/webhook.ts';
import { conditionFaults } from '../../src/route/condition-syntax.ts';
import { compileCondition } from '../../src/route/conditions.ts';
import { createFieldCompiler } from '../../src/route/fields.ts';
import { decide } from '../../src/route/plan.ts';
import { parseRulesYaml } from '../../src/route/rules-yaml.ts';
import { secretsFromFiles } from '../../src/runtime/secret-files.ts';
import { isPayload, typeOfPayload, waitingAnswer } from '../../src/slack/connection/payload.ts';
import { parseTeam } from '../../src/team/shape.ts';
import { loadEmailTemplates } from '../../src/template/email.ts';
import { readFrontMatter } from '../../src/template/email-front-matter.ts';
import { compileSlackTemplate } from '../../src/template/slack-compile.ts';
import { createSlackLiquid } from '../../src/template/slack-liquid.ts';
import { viewOf } from '../../src/template/view.ts';
import { readAnswer } from '../../src/webkasa/answer.ts';
import { aCompiledRule, inputFor, loadText, SETTINGS } from '../route/support.ts';
import { tempFolder } from '../support/temp.ts';

/** What an attack would leave behind: a name, somewhere that every value inherits from. */
const namesOf = (): string[] =>
  [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype].flatMap((prototype) =>
    Reflect.ownKeys(prototype).map(String),
  );
const BEFORE = namesOf();

afterEach(() => {
  expect(namesOf()).toEqual(BEFORE);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.isFrozen(Object.prototype)).toBe(false);
});

/** Any JSON whose keys lead to prototypes more often than not. */
const hostile = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<unknown>('polluted', true, 1, null, 'constructor', '__proto__'),
    fc.array(tie('value'), { maxLength: 2 }),
    fc
      .array(
        fc.tuple(
          fc.constantFrom('__proto__', 'constructor', 'prototype', 'polluted', 'data', 'toString', '<<', 'then', '0'),
          tie('value'),
        ),
        { maxLength: 3 },
      )
      // As text, since an object literal would take `__proto__` for what it names.
      .map((pairs) => new Map(pairs)),
  ),
})).value;

const textOf = (value: unknown): string => {
  if (value instanceof Map) {
    return `{${[...value].map(([key, inner]) => `${JSON.stringify(key)}:${textOf(inner)}`).join(',')}}`;
  }
  return Array.isArray(value) ? `[${value.map(textOf).join(',')}]` : JSON.stringify(value);
};
const json = hostile.map(textOf);

const RULE = aCompiledRule(
  '{ actions: [{ email: { to: "{{ data.a }}", template: t } }, { sheet: { file: x.csv, columns: { A: "{{ data }}" } } }] }',
);

describe('nothing that is read becomes a part of all objects', () => {
  test('a webhook, from its bytes to what is planned and told of it', () => {
    fc.assert(
      fc.property(json, json, (data, other) => {
        const body = Buffer.from(`{"id":"wh_1","type":"booking.created","data":${data},"__proto__":${other}}`);
        const parsed = parseWebhook(body);
        if (!('webhook' in parsed)) return;
        const { webhook } = parsed;
        decide(RULE, inputFor(webhook as Webhook));
        const fields = dataOf(webhook);
        changesBetween({ ...fields }, dataOf({ ...webhook, data: JSON.parse(other) as unknown }));
        const view = viewOf(webhook, { movedFrom: null, event: fields }, SETTINGS);
        const { text } = createFieldCompiler();
        text('{% assign __proto__ = data %}{% assign constructor = data %}{{ data.constructor.prototype }}').render(
          view,
        );
        compileCondition({ 'data.polluted': { $exists: true } }).failures({ ...webhook, moved: false, changed: [] });
      }),
      { numRuns: 500 },
    );
  });

  test('rules and conditions', async () => {
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        parseRulesYaml(value);
        parseRulesYaml(`rules:\n  - &a ${value}\n  - { <<: *a, id: x }\n`);
        conditionFaults(JSON.parse(`{"data.a":${value}}`) as Record<string, unknown>);
        await loadText(
          `rules:\n  - { id: a, on: [x], when: ${value}, actions: [{ slack: ${value} }] }\nbrand: ${value}\n`,
        );
      }),
      { numRuns: 100 },
    );
  });

  test('templates and their front matter', () => {
    const liquid = createSlackLiquid();
    fc.assert(
      fc.property(json, (value) => {
        readFrontMatter(`---\nsubject: ${value}\n? ${value}\n: x\n---\n`);
        const { template } = compileSlackTemplate(
          { name: 'a', file: 'a.yaml', source: `text: ok\nset: ${value}\n__proto__: ${value}\nblocks: [${value}]\n` },
          liquid,
        );
        template?.render(viewOf({ id: 'w', type: 't', data: {} }, { movedFrom: null, event: null }, SETTINGS));
      }),
      { numRuns: 300 },
    );
  });

  test('template files with names that lead to prototypes', async () => {
    const folder = await tempFolder();
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      writeFileSync(join(folder, `${name}.html`), "---\nsubject: s\n---\n{% render '_a.html' %}");
      writeFileSync(join(folder, `${name}.txt`), 'x');
    }
    writeFileSync(join(folder, '_a.html'), 'polluted');
    const { templates, problems } = await loadEmailTemplates(folder);
    expect(problems).toEqual([]);
    // The third begins with a line, so it is a shared piece.
    expect([...templates.keys()].toSorted()).toEqual(['constructor', 'prototype']);
  });

  test('what the team edits, what Slack sends, what WebKasa answers, what the environment names', async () => {
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        parseTeam(Buffer.from(value));
        parseTeam(Buffer.from(`{"version":1,"subscriptions":[${value}],"paused":${value},"__proto__":${value}}`));
        const payload: unknown = JSON.parse(value);
        if (isPayload(payload)) waitingAnswer({ ...payload, type: typeOfPayload(payload) });
        await readAnswer(new Response(`{"data":${value},"__proto__":${value}}`));
        secretsFromFiles(['__proto__', 'constructor'], Object.fromEntries([['__proto___FILE', '/dev/null']]));
      }),
      { numRuns: 300 },
    );
  });
});

describe('YAML that unfolds', () => {
  const BOMB = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]']
    .concat(Array.from({ length: 12 }, (_, n) => `b${n}: &a${n + 1} [${`*a${n}, `.repeat(9)}*a${n}]`))
    .join('\n');

  test('is refused as rules', () => {
    expect(parseRulesYaml(BOMB)).toMatchObject({ problems: [{ message: expect.stringContaining('aliases') }] });
  });

  test('is refused as a Slack template', () => {
    const { problems } = compileSlackTemplate({ name: 'a', file: 'a.yaml', source: BOMB }, createSlackLiquid());
    expect(problems).toMatchObject([{ message: expect.stringContaining('alias') }]);
  });

  test('and so is what is longer than any file of its kind', () => {
    const long = `text: ${'x'.repeat(2_000_000)}`;
    expect(parseRulesYaml(long)).toMatchObject({ problems: [{ message: expect.stringMatching(/longer than/) }] });
    const { problems } = compileSlackTemplate({ name: 'a', file: 'a.yaml', source: long }, createSlackLiquid());
    expect(problems).toMatchObject([{ message: expect.stringMatching(/longer than/) }]);
  });
});
