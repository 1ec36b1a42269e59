import type { Alert } from '../../core/alert.ts';

/** A way to alert the team: Slack or mail. */
export type Medium = {
  readonly name: string;
  /** Sends an alert. Returns false if it has to be sent again later. Never rejects, and never plans a delivery. */
  tell(alert: Alert): Promise<boolean>;
};

/** Milliseconds until a medium that failed is tried again; doubles with each failure in a row. */
const AGAIN = { first: 30_000, most: 5 * 60_000 };

/** Backoff for media that failed. */
export const createBackoff = (now: () => number) => {
  const failures = new Map<string, { readonly times: number; readonly until: number }>();
  return {
    mayTry: (medium: string): boolean => now() >= (failures.get(medium)?.until ?? Number.NEGATIVE_INFINITY),
    tried(medium: string, sent: boolean): void {
      const times = (failures.get(medium)?.times ?? 0) + 1;
      if (sent) failures.delete(medium);
      else failures.set(medium, { times, until: now() + Math.min(AGAIN.first * 2 ** (times - 1), AGAIN.most) });
    },
  };
};
