import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { keysAt, RulesFileSchema, rulesJsonSchema } from '../../src/route/schema.ts';

type Node = { readonly [key: string]: unknown };

/** Every schema in it, but for the alternatives of `oneOf`, which say of a schema beside them what must be there. */
const nodesOf = (node: unknown): Node[] =>
  typeof node !== 'object' || node === null
    ? []
    : [
        ...(Array.isArray(node) ? [] : [node as Node]),
        ...Object.entries(node).flatMap(([key, inner]) => (key === 'oneOf' ? [] : nodesOf(inner))),
      ];

describe('the JSON Schema for editors', () => {
  test('explains every key that can be written', () => {
    const described = nodesOf(rulesJsonSchema())
      .filter(({ properties }) => typeof properties === 'object')
      .flatMap(({ properties }) => Object.entries(properties as Record<string, Node>));
    expect(described.map(([key]) => key)).toEqual(
      expect.arrayContaining(['id', 'on', 'when', 'actions', 'email', 'slack', 'sheet', 'to', 'columns', 'late']),
    );
    const silent = described.filter(([_key, node]) => typeof node.description !== 'string');
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  test('knows no other keys, so that editors mark a misspelt one', () => {
    const open = nodesOf(rulesJsonSchema()).filter(
      ({ properties, additionalProperties }) => properties !== undefined && additionalProperties !== false,
    );
    // The root of a JSON Schema's own `properties` map is no schema.
    expect(open.filter(({ type }) => type === 'object')).toEqual([]);
  });

  test('accepts and refuses what the bot does', () => {
    const schema = z.fromJSONSchema(rulesJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    const rule = { id: 'a', on: 'booking.*', actions: [{ slack: { text: 'x' } }] };
    for (const file of [
      { rules: [rule] },
      { rules: [{ ...rule, when: { moved: true } }] },
      { rules: [{ ...rule, actions: [{ email: { to: ['a', 'b'], template: 't' } }] }] },
      { rules: [{ ...rule, actions: [{ sheet: { file: 'a.csv', columns: { A: 1 } } }] }] },
      { rules: [{ ...rule, actions: [{ slack: { text: 'x', as: 'thread' } }] }] },
      { rules: [{ ...rule, actions: [{ slack: { text: 'x', as: 'cards' } }] }] },
      { rules: [{ ...rule, id: 'sub_1' }] },
      { rules: [{ ...rule, wen: {} }] },
      { rules: [{ ...rule, id: 'a b' }] },
      { rules: [{ ...rule, actions: [] }] },
      { rules: {} },
    ]) {
      expect(schema.safeParse(file).success, JSON.stringify(file)).toBe(RulesFileSchema.safeParse(file).success);
    }
  });
});

test('the keys of each place are those of the schema', () => {
  expect(keysAt([])).toEqual(['rules', 'brand']);
  expect(keysAt(['rules', 0])).toEqual(['id', 'on', 'when', 'actions']);
  expect(keysAt(['rules', 0, 'actions', 1])).toEqual(['email', 'slack', 'sheet']);
  expect(keysAt(['rules', 0, 'actions', 1, 'email'])).toEqual([
    'to',
    'template',
    'subject',
    'reply_to',
    'from_name',
    'cc',
    'bcc',
    'invite',
    'hold',
    'until',
    'late',
  ]);
  expect(keysAt(['rules', 0, 'actions', 1, 'slack'])).toEqual(['channel', 'template', 'text', 'as', 'late']);
  expect(keysAt(['rules', 0, 'actions', 1, 'sheet'])).toEqual(['file', 'google', 'tab', 'key', 'columns', 'late']);
  expect(keysAt(['rules', 0, 'when'])).toEqual([]);
});

test.each([
  [
    'a file and a spreadsheet',
    { file: 'a.csv', google: '1AbCdEfGhIjKlMnOpQrStUvWxYz', tab: 'A' },
    'either a file or google',
  ],
  ['neither', {}, 'either a file or google'],
  ['a spreadsheet without a tab', { google: '1AbCdEfGhIjKlMnOpQrStUvWxYz' }, 'google and tab together'],
  ['an address for an id', { google: 'https://docs.google.com/x', tab: 'A' }, 'is not the id of a Google spreadsheet'],
  ['a key that is no column', { file: 'a.csv', key: 'B' }, 'is none of the columns'],
])('a sheet with %s is refused', (_, sheet, message) => {
  const rules = [{ id: 'r', on: '*', actions: [{ sheet: { ...sheet, columns: { A: 'a' } } }] }];
  expect(RulesFileSchema.safeParse({ rules }).error?.message).toContain(message);
});
