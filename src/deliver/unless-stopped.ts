import type { DeliveryError } from '../core/errors.ts';

/**
 * Resolves with the result of `work`, or rejects with the error of `stopped` as soon as `signal` is aborted; `begun` is whether
 * the work had been started by then. Abandoned work is not cancelled, only its result is dropped.
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
