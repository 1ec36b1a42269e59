/** How many requests may be made, so that WebKasa's limits are never gone over. Times are Unix milliseconds. */
export type Budget = {
  /** How long the next request has to wait; 0 where it may go. */
  wait(at: number): number;
  /** Uses up a place. */
  started(at: number): void;
  /** A request that had no answer is over. */
  failed(): void;
  /** A request was answered: heeds what the headers say of the limit. */
  answered(headers: Headers, at: number): void;
  /** Stops all requests, as a 429 asks for. */
  block(until: number): void;
};

/** A minute as WebKasa counts it, and a second for requests that take longer on their way than later ones. */
const WINDOW = 61_000;
/** Documented are 100 requests a minute for a key, and 300 for reading: the lower counts until an answer says otherwise. */
const UNTOLD = 100;
const MOST = 300;
/** A minute's window can't take longer to be over: whatever a header says, nothing is blocked for good. */
const LONGEST_RESET = 120_000;
const LONGEST_BLOCK = 10 * 60_000;

export const createBudget = (): Budget => {
  let limit = UNTOLD;
  let underWay = 0;
  let blockedUntil = 0;
  const starts: number[] = [];
  /** What the server says is left of its window, less what is under way and may not be counted in it. */
  let left = { count: Number.POSITIVE_INFINITY, until: 0 };

  /** Where the clock was set back, what lies ahead of it is taken to be of now, and no longer waited for. */
  const keepUp = (at: number): void => {
    for (let last = starts.length - 1; last >= 0 && Number(starts[last]) > at; last -= 1) starts[last] = at;
    if (left.until - at > LONGEST_RESET) left = { ...left, until: at };
    if (blockedUntil - at > LONGEST_BLOCK) blockedUntil = at;
  };

  return {
    wait(at) {
      keepUp(at);
      while (starts[0] !== undefined && starts[0] <= at - WINDOW) starts.shift();
      const oldestThatCounts = starts[starts.length - limit];
      const own = oldestThatCounts === undefined ? 0 : oldestThatCounts + WINDOW - at;
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
      if (told !== undefined && told >= 1) limit = Math.min(Math.trunc(told), MOST);
      const remaining = numberIn(headers, 'X-RateLimit-Remaining');
      const until = resetOf(headers, at);
      if (remaining === undefined || until === undefined) return;
      const count = remaining - underWay;
      // Answers overtake each other: of one window the least that was said is true.
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

/** When the window is over by our clock: the server's own may go differently, so its Date is what counts. */
const resetOf = (headers: Headers, at: number): number | undefined => {
  const seconds = numberIn(headers, 'X-RateLimit-Reset');
  if (seconds === undefined) return undefined;
  const theirs = Date.parse(headers.get('Date') ?? '');
  // Their Date leaves fractions of a second out.
  const rest = seconds * 1000 - (Number.isNaN(theirs) ? at : theirs) + 1_000;
  return at + Math.min(Math.max(rest, 0), LONGEST_RESET);
};
