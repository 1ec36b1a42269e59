import type { DeliveryError } from '../core/errors.ts';

/**
 * The result of `work`; or, as soon as `signal` is aborted, a rejection with the error that `stopped` makes, for which it is
 * told whether the work had begun. Abandoned work runs on, and nobody hears of its result.
 */
export const unlessStopped = async <Result>(
  signal: AbortSignal,
  stopped: (begun: boolean) => DeliveryError,
  work: () => Promise<Result>,
): Promise<Result> => {
  if (signal.aborted) throw stopped(false);
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(stopped(true));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};
