import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { FILTER_FIELDS } from '../../src/core/filters.ts';
import { SLACK_STYLES } from '../../src/core/rule.ts';
import { KNOWN_TYPES } from '../../src/core/webhook.ts';
import { OPERATORS } from '../../src/route/condition-syntax.ts';
import { keysAt } from '../../src/route/schema.ts';
import { aLibrary, loadText } from './support.ts';

const docs = await readFile(new URL('../../docs/rules.md', import.meta.url), 'utf8');
const examples = [...docs.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);

const templates = aLibrary({
  email: ['booking-created', 'booking-confirmed', 'booking-cancelled', 'event-changed', 'event-cancelled'],
  slack: ['booking', 'event'],
});

describe('docs/rules.md', () => {
  test('has examples', () => {
    expect(examples.length).toBeGreaterThan(5);
  });

  test.each(examples.map((yaml) => [/id: (\S+)/.exec(yaml)?.[1], yaml] as const))(
    'the example %s works as it stands',
    async (_id, yaml) => {
      const { rulebook, problems } = await loadText(yaml, { templates });
      expect(problems).toEqual([]);
      expect(rulebook?.rules.length).toBeGreaterThan(0);
    },
  );

  test.each([...KNOWN_TYPES])('names the type %s', (type) => {
    expect(docs).toContain(`\`${type}\``);
  });

  test('explains every operator', () => {
    for (const operator of [...Object.keys(OPERATORS), '$or', '$and', '$nor']) {
      expect(docs, operator).toMatch(new RegExp(`${RegExp.escape(operator)}\\b`));
    }
  });

  test.each(['email', 'slack', 'sheet'])('explains every key of %s', (kind) => {
    const [, section = ''] = docs.split(`### \`${kind}\``);
    const [table = ''] = section.split('\n##');
    for (const key of keysAt(['rules', 0, 'actions', 0, kind])) expect(table).toContain(`| \`${key}\` |`);
  });

  test('explains every way of telling a channel', () => {
    for (const style of SLACK_STYLES) expect(docs).toContain(`\n| \`${style}\` |`);
  });

  test('explains every filter of a subscription', () => {
    const [, section = ''] = docs.split('\n## Subscriptions');
    for (const field of FILTER_FIELDS) expect(section).toContain(`\`${field}:`);
  });
});
