import { expect, test } from 'vitest';
import { ownWords, traceOf } from '../../src/slack/trace.ts';
import { toFailure } from '../../src/store/postgres/failure.ts';

test('a database that is down is named, with what becomes of webhooks, and none of what it says itself', () => {
  const failure = toFailure(new Error('connect ECONNREFUSED 10.1.2.3:5432'));
  expect(failure.message).toContain('10.1.2.3');
  const words = ownWords(failure);
  expect(words.message).toMatch(/database does not answer/);
  expect(words.remedy).toMatch(/webhooks wait at WebKasa and come again/);
  expect(JSON.stringify(words)).not.toContain('10.1.2.3');
});

test('what nobody foresaw has no words for people', () => {
  expect(ownWords(new Error('Anna'))).toEqual({ message: null, remedy: null });
});

test('where an error came from is told without its message, also where that looks like a line of a stack', () => {
  const trace = traceOf(new Error('unexpected token\n    at 12 Elm Street, John Doe'));
  expect(trace.at).toContain('trace.test.ts');
  expect(JSON.stringify(trace)).not.toContain('Elm Street');
  const changed = new Error('a name\n    at 12 Elm Street');
  changed.message = 'left out';
  expect(JSON.stringify(traceOf(changed))).not.toContain('Elm Street');
});
