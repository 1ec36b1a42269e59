/** Waiting that can be cut short: the only way in which background loops wait. One wait at a time. */
export type Wake = {
  /** Ends the current sleep, or the next one at once where there is none. */
  wake(): void;
  /** Resolves after so many milliseconds, or earlier when woken. */
  sleep(milliseconds: number): Promise<void>;
  /** Resolves after so many milliseconds, woken or not: for work that gives way to other work. */
  rest(milliseconds: number): Promise<void>;
  /** Ends the current wait, and every later one at once. */
  stop(): void;
};

export const createWake = (): Wake => {
  let woken = false;
  let stopped = false;
  let cutSleep: (() => void) | undefined;
  let cutAny: (() => void) | undefined;

  const wait = (milliseconds: number, onStart: (end: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        cutSleep = undefined;
        cutAny = undefined;
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      cutAny = end;
      if (stopped) end();
      else onStart(end);
    });

  return {
    wake() {
      woken = true;
      cutSleep?.();
    },
    sleep: (milliseconds) =>
      wait(milliseconds, (end) => {
        cutSleep = () => {
          woken = false;
          end();
        };
        if (woken) cutSleep();
      }),
    rest: (milliseconds) => wait(milliseconds, () => {}),
    stop() {
      stopped = true;
      cutAny?.();
    },
  };
};
