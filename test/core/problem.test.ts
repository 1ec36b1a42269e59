import { expect, it } from 'vitest';
import { DeliveryError, messageOf, OperatorError } from '../../src/core/errors.ts';
import { describeProblem } from '../../src/core/problem.ts';

it('says on one line where a problem is and what is wrong', () => {
  const problem = { severity: 'error', file: 'rules.yaml', message: 'is not a channel' } as const;

  expect(describeProblem(problem)).toBe('rules.yaml: is not a channel');
  expect(describeProblem({ ...problem, line: 12, rule: 'confirm', field: 'actions[0].slack.channel' })).toBe(
    'rules.yaml:12 confirm actions[0].slack.channel: is not a channel',
  );
  expect(describeProblem({ ...problem, field: 'rules' })).toBe('rules.yaml rules: is not a channel');
});

it('keeps with an error what decides on what comes next', () => {
  const cause = new Error('ECONNRESET');
  const error = new DeliveryError('reset', 'The connection broke.', {
    verdict: 'wait',
    retryAfterMs: 5,
    unclear: true,
    cause,
  });

  expect(error).toMatchObject({
    name: 'DeliveryError',
    code: 'reset',
    verdict: 'wait',
    retryAfterMs: 5,
    unclear: true,
    cause,
  });
  expect(new DeliveryError('x', 'y', { verdict: 'retry' })).toMatchObject({ unclear: false, retryAfterMs: undefined });
  expect('cause' in new DeliveryError('x', 'y', { verdict: 'retry' })).toBe(false);
  expect(new OperatorError('The port is taken.', { remedy: 'Set PORT.', cause })).toMatchObject({
    remedy: 'Set PORT.',
    cause,
  });
});

it.each([
  [new Error('broken'), 'broken'],
  ['text', 'text'],
  [undefined, 'undefined'],
  [['a', 'b'], 'a,b'],
])('finds words in anything thrown', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
