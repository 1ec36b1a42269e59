/** What is looked for among bookings, events and registrations; every part that is given has to hold. */
export type SearchQuery = {
  /** Words anywhere in name, address, title or id; empty for any. */
  readonly words: string;
  /** In any case: `pending`, `CANCELLED`. */
  readonly status?: string;
  /** A schedule's id. */
  readonly schedule?: string;
  /** A kind (`booking` or `booking.*`), or the type of its newest webhook (`booking.cancelled`); in any case. */
  readonly type?: string;
  /** Starts at or after, in Unix milliseconds. What has no known start is never within a span. */
  readonly from?: number;
  /** Starts before. */
  readonly to?: number;
  /**
   * `newest` (the default): what was first heard of last comes first. `soonest`: by start, and of the same start as they
   * were first heard of; what has no known start comes last, the newest of it first.
   */
  readonly order?: 'newest' | 'soonest';
};
