import type { Alert } from '../../core/alert.ts';

/** Where the team is told: Slack, mail. */
export type Medium = {
  readonly name: string;
  /** Tells it. `false` where it was not taken and has to be told later; never rejects, and never makes a delivery of it. */
  tell(alert: Alert): Promise<boolean>;
};

/** When a medium that took nothing is tried again, in milliseconds. */
const AGAIN = { first: 30_000, most: 5 * 60_000 };

/** Knows which media are left alone for a while because they took nothing. */
export const createPatience = (now: () => number) => {
  const failures = new Map<string, { readonly times: number; readonly until: number }>();
  return {
    mayTry: (medium: string): boolean => now() >= (failures.get(medium)?.until ?? Number.NEGATIVE_INFINITY),
    took(medium: string, taken: boolean): void {
      const times = (failures.get(medium)?.times ?? 0) + 1;
      if (taken) failures.delete(medium);
      else failures.set(medium, { times, until: now() + Math.min(AGAIN.first * 2 ** (times - 1), AGAIN.most) });
    },
  };
};
