import { expect, onTestFinished, test, vi } from 'vitest';
import { tidyAfterStart } from '../../src/runtime/tidy.ts';

const tidying = (options: Partial<Parameters<typeof tidyAfterStart>[0]> = {}) => {
  const collect = vi.fn();
  const running = tidyAfterStart({ pressure: { high: () => false }, collect, after: 1, later: 1, ...options });
  onTestFinished(() => running[Symbol.asyncDispose]());
  return { collect, running };
};

test('garbage is collected once, after the start', async () => {
  const { collect } = tidying();
  await expect.poll(() => collect.mock.calls.length).toBe(1);
});

test('not while requests press', async () => {
  let looks = 0;
  const high = (): boolean => {
    looks += 1;
    return looks < 3;
  };
  const { collect } = tidying({ pressure: { high } });
  await expect.poll(() => collect.mock.calls.length).toBe(1);
  expect(looks).toBe(3);
});

test('nor where the bot ends before', async () => {
  const { collect, running } = tidying({ after: 60_000 });
  await running[Symbol.asyncDispose]();
  expect(collect).not.toHaveBeenCalled();
});

// Kept, since a registry that is garbage itself tells nothing.
let registry: FinalizationRegistry<string> | undefined;

test('what nobody needs any more is gone then', async () => {
  const gone = Promise.withResolvers<string>();
  registry = new FinalizationRegistry(gone.resolve);
  registry.register({ of: 'the start' }, 'gone');
  tidyAfterStart({ pressure: { high: () => false }, after: 1 });
  expect(await gone.promise).toBe('gone');
});
