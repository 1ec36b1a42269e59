/**
 * Keeps requests within WebKasa's rate limits: by a sliding window of its own requests, and by what the rate limit headers
 * of each answer say. Other processes that share the key are known by those headers alone, so several may together run into
 * a 429, which is waited out and costs nothing but time. Times are Unix milliseconds.
 */
export type Budget = {
  /** Milliseconds until the next request may start; 0 if it may start now. */
  wait(at: number): number;
  /** Counts a request that starts. */
  started(at: number): void;
  /** A request ended without an answer. */
  failed(): void;
  /** A request was answered: takes over what the headers say about the limit. */
  answered(headers: Headers, at: number): void;
  /** Holds back all requests, as a 429 asks for. */
  block(until: number): void;
};

/** WebKasa's minute, and a second more, since requests take different times to arrive. */
const WINDOW = 61_000;
/** Documented are 100 requests a minute per key, and 300 for GET: the lower limit holds until an answer names another. */
const DEFAULT_LIMIT = 100;
const HIGHEST_LIMIT = 300;
/** A window of a minute is over well before this: whatever a header says, nothing is held back for good. */
const LONGEST_RESET = 120_000;
const LONGEST_BLOCK = 10 * 60_000;

/** A budget that has not been used yet, under the documented limit. */
export const createBudget = (): Budget => {
  let limit = DEFAULT_LIMIT;
  let underWay = 0;
  let blockedUntil = 0;
  /** When the requests of the current window started, oldest first. */
  const starts: number[] = [];
  /** What the server says is left of its window, minus the requests in flight, which it may not have counted yet. */
  let left = { count: Number.POSITIVE_INFINITY, until: 0 };

  /** After the clock was set back, times in the future are taken as now, so that nothing waits for them. */
  const adjustToClock = (at: number): void => {
    for (let last = starts.length - 1; last >= 0 && Number(starts[last]) > at; last -= 1) starts[last] = at;
    if (left.until - at > LONGEST_RESET) left = { ...left, until: at };
    if (blockedUntil - at > LONGEST_BLOCK) blockedUntil = at;
  };

  return {
    wait(at) {
      adjustToClock(at);
      while (starts[0] !== undefined && starts[0] <= at - WINDOW) starts.shift();
      // A place is free again when the request that used it up leaves the window.
      const blocking = starts[starts.length - limit];
      const own = blocking === undefined ? 0 : blocking + WINDOW - at;
      const told = left.count > 0 ? 0 : left.until - at;
      return Math.max(own, told, blockedUntil - at, 0);
    },
    started(at) {
      starts.push(at);
      left.count -= 1;
      underWay += 1;
    },
    failed() {
      underWay -= 1;
    },
    answered(headers, at) {
      underWay -= 1;
      const told = numberIn(headers, 'X-RateLimit-Limit');
      if (told !== undefined && told >= 1) limit = Math.min(Math.trunc(told), HIGHEST_LIMIT);
      const remaining = numberIn(headers, 'X-RateLimit-Remaining');
      const until = resetOf(headers, at);
      if (remaining === undefined || until === undefined) return;
      const count = remaining - underWay;
      // Answers overtake each other: within a window, the lowest count is the newest.
      left = at < left.until ? { count: Math.min(count, left.count), until: left.until } : { count, until };
    },
    block(until) {
      blockedUntil = Math.max(blockedUntil, until);
    },
  };
};

const numberIn = (headers: Headers, name: string): number | undefined => {
  const text = headers.get(name);
  return text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined;
};

/** When the server's window ends by our clock. The reset is relative to the server's Date, since the clocks may differ. */
const resetOf = (headers: Headers, at: number): number | undefined => {
  const seconds = numberIn(headers, 'X-RateLimit-Reset');
  if (seconds === undefined) return undefined;
  const theirs = Date.parse(headers.get('Date') ?? '');
  // The Date header has no fractions of a second.
  const rest = seconds * 1000 - (Number.isNaN(theirs) ? at : theirs) + 1_000;
  return at + Math.min(Math.max(rest, 0), LONGEST_RESET);
};
