import { expect, test } from 'vitest';
import { messageOf } from '../../src/core/errors.ts';

const failing = (message: string): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => Promise.reject(new Error(message)),
});

test('the message of errors while closing names each of them, beginning with the first', async () => {
  const stack = new AsyncDisposableStack();
  stack.use(failing('the store is gone'));
  stack.use(failing('the server does not close'));

  const error = await stack.disposeAsync().catch((thrown: unknown) => thrown);

  expect(messageOf(error)).toBe('the server does not close; then the store is gone');
});

test('what failed twice for one reason is said once', async () => {
  const work = async (): Promise<void> => {
    await using _ = failing('no answer');
    throw new Error('no answer');
  };

  expect(messageOf(await work().catch((thrown: unknown) => thrown))).toBe('no answer');
});
