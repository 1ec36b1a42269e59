import { createWake, type Wake } from './wake.ts';

/** What background work waits with, and how it learns that it is to stop. */
export type Background = {
  readonly alarm: Wake;
  stopping(): boolean;
  /** Resolves when it is to stop: for waits that the alarm can't cut short. */
  readonly stopped: Promise<void>;
};

/**
 * Starts work in the background. Disposing cuts its waits short and resolves once the work has returned, which it should do
 * soon after. The work must not reject.
 */
export const inBackground = (work: (background: Background) => Promise<void>): AsyncDisposable => {
  const alarm = createWake();
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  let stopping = false;
  const running = work({ alarm, stopping: () => stopping, stopped });
  return {
    async [Symbol.asyncDispose]() {
      stopping = true;
      alarm.stop();
      stop();
      await running;
    },
  };
};
