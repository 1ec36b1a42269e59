import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureRulesFile, writeRulesSchema } from '../../src/route/rules-file.ts';
import { aFolder } from './support.ts';

const starter = () => readFile(new URL('../../templates/rules.yaml', import.meta.url), 'utf8');

describe('at the first start', () => {
  test('the starter rules are put in place, in a folder that is made for them', async () => {
    const path = join(await aFolder(), 'data', 'here', 'rules.yaml');
    expect(await ensureRulesFile(path)).toBe(true);
    expect(await readFile(path, 'utf8')).toBe(await starter());
  });

  test('the schema that its first line names lies beside it, and nothing else', async () => {
    const folder = await aFolder();
    await ensureRulesFile(join(folder, 'rules.yaml'));
    const [, name] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(await starter()) ?? [];
    expect((await readdir(folder)).sort()).toEqual([name, 'rules.yaml']);
    const schema = JSON.parse(await readFile(join(folder, name ?? ''), 'utf8'));
    expect(schema).toMatchObject({ title: 'WebKasa bot rules', required: ['rules'], additionalProperties: false });
  });

  test('of several that start at once, one makes it', async () => {
    const path = join(await aFolder(), 'rules.yaml');
    const made = await Promise.all(Array.from({ length: 8 }, () => ensureRulesFile(path)));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toBe(await starter());
  });
});

test('a file that is there is never touched, and nothing is put beside it', async () => {
  const folder = await aFolder();
  const path = join(folder, 'rules.yaml');
  await writeFile(path, 'rules: [] # mine');
  expect(await ensureRulesFile(path)).toBe(false);
  expect(await readFile(path, 'utf8')).toBe('rules: [] # mine');
  expect(await readdir(folder)).toEqual(['rules.yaml']);
});

test('a file that is there is no reason to write, so a folder may be read-only', async () => {
  const folder = join(await aFolder(), 'fixed');
  await mkdir(folder);
  await writeFile(join(folder, 'rules.yaml'), 'rules: []');
  await chmod(folder, 0o555);
  expect(await ensureRulesFile(join(folder, 'rules.yaml'))).toBe(false);
  await chmod(folder, 0o755);
});

test('a place where nothing can be made is told with a remedy', async () => {
  const file = join(await aFolder(), 'file');
  await writeFile(file, '');
  await expect(ensureRulesFile(join(file, 'rules.yaml'))).rejects.toMatchObject({
    name: 'OperatorError',
    remedy: expect.stringContaining('RULES_FILE'),
  });
});

test('a newer schema takes the place of an older one', async () => {
  const path = join(await aFolder(), 'rules.schema.json');
  await writeFile(path, '{}');
  await writeRulesSchema(path);
  expect(JSON.parse(await readFile(path, 'utf8'))).toHaveProperty('properties.rules');
});
