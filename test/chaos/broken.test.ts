import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { MISTAKES } from './broken.ts';
import { FAULTS } from './faults/all.ts';
import { withMistake } from './prove.ts';

const ROOT = resolve(import.meta.dirname, '../..');

test('each fault has a mistake that it brings to light', () => {
  const proven = new Set(MISTAKES.map(({ fault }) => fault));
  expect(FAULTS.map(({ name }) => name).filter((name) => !proven.has(name))).toEqual([]);
});

test.each(MISTAKES)('a bot that $what is one edit away ($fault)', (mistake) => {
  const text = readFileSync(join(ROOT, mistake.file), 'utf8');
  expect(withMistake(text, mistake)).not.toBe(text);
});
