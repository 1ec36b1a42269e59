/** A failure that lasts for a while, reported when it changes and not at each try. */
export type Outage = {
  /** Reports the reason, unless it is the one reported last. */
  failed(reason: string): void;
  /** Reports that it is over; nothing where nothing had failed. */
  over(): void;
};

export const createOutage = (report: {
  readonly failed: (reason: string) => void;
  readonly over: () => void;
}): Outage => {
  let reported: string | undefined;
  return {
    failed(reason) {
      if (reason === reported) return;
      reported = reason;
      report.failed(reason);
    },
    over() {
      if (reported === undefined) return;
      reported = undefined;
      report.over();
    },
  };
};
