import { createWake, type Wake } from './wake.ts';

/** What work in the background waits with, and knows its end by. */
export type Background = {
  readonly alarm: Wake;
  stopping(): boolean;
};

/**
 * Runs work beside all else until it is disposed of: then its waiting ends at once, and so should the work, which is waited
 * for. It must not reject.
 */
export const inBackground = (work: (background: Background) => Promise<void>): AsyncDisposable => {
  const alarm = createWake();
  let stopping = false;
  const running = work({ alarm, stopping: () => stopping });
  return {
    async [Symbol.asyncDispose]() {
      stopping = true;
      alarm.stop();
      await running;
    },
  };
};
