/** What is looked for among bookings, events and registrations; every part that is given has to hold. */
export type SearchQuery = {
  /** Words anywhere in name, address, title or id; empty for any. */
  readonly words: string;
  /** In any case: `pending`, `CANCELLED`. */
  readonly status?: string;
  /** A schedule's id. */
  readonly schedule?: string;
  /** A kind (`booking`), or the type of its newest webhook (`booking.cancelled`). */
  readonly type?: string;
  /** Starts at or after, in Unix milliseconds. What has no known start is never within a span. */
  readonly from?: number;
  /** Starts before. */
  readonly to?: number;
  /** `newest` (the default): what was heard of last comes first. `soonest`: by start. */
  readonly order?: 'newest' | 'soonest';
};
