/** A sleep that can be cut short: the only way background loops wait. */
export type Wake = {
  /** Ends the sleep under way, or makes the next one end at once. */
  wake(): void;
  /** Resolves after so many milliseconds, or when woken. */
  sleep(milliseconds: number): Promise<void>;
};

export const createWake = (): Wake => {
  let woken = false;
  let cut: (() => void) | undefined;
  return {
    wake() {
      woken = true;
      cut?.();
    },
    sleep(milliseconds) {
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          cut = undefined;
          woken = false;
          resolve();
        };
        const timer = setTimeout(end, milliseconds);
        if (woken) end();
        else cut = end;
      });
    },
  };
};
