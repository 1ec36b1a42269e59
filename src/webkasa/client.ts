import { messageOf } from '../core/errors.ts';
import type { Log } from '../runtime/log.ts';
import { type Answer, readAnswer } from './answer.ts';
import { createBudget } from './budget.ts';
import { type Area, createStanding } from './standing.ts';

export type ApiClient = {
  /**
   * Reads a path below `/api/v1/`. Queues the request until WebKasa's limits allow it, at most until `until` (Unix
   * milliseconds). Lists of registrations go first: they are few requests, for mails to hundreds. Never rejects.
   */
  get(path: string, until: number): Promise<Answer>;
  /** Whether a request made now would have to wait: for the rate limit, after failures, or behind others that hang. */
  busy(): boolean;
  [Symbol.asyncDispose](): Promise<void>;
};

export type ApiClientDeps = {
  /** `https://api.webkasa.app` */
  readonly url: string;
  readonly key: string;
  readonly now: () => number;
  readonly log: Log;
  /** How long one request may take, body included, in milliseconds. */
  readonly timeout?: number;
  /** Called with the outcome of each request, for the metrics. */
  readonly onAnswer?: (result: Answer['as']) => void;
};

const TIMEOUT = 10_000;
const MOST_AT_ONCE = 6;
const MOST_WAITING = 2_000;
/** A request that has been in flight for this many milliseconds counts as hanging, see `busy`. */
const SLOW = 1_000;

type Request = { readonly path: string; readonly until: number; readonly resolve: (answer: Answer) => void };

const UNAVAILABLE: Answer = { as: 'unavailable' };

/** Creates a client that reads WebKasa's REST API; disposing it aborts what is in flight and answers all that wait. */
export const createApiClient = (deps: ApiClientDeps): ApiClient => {
  const { url, key, now, log, timeout = TIMEOUT, onAnswer } = deps;
  const budget = createBudget();
  const standing = createStanding(log);
  const stop = new AbortController();
  const waiting: Request[] = [];
  const underWay = new Map<Request, { readonly since: number; readonly done: Promise<void> }>();
  let timer: NodeJS.Timeout | undefined;

  const ask = async (path: string, area: Area): Promise<Answer | 'again'> => {
    let response: Response;
    let answer: Answer;
    const attempt = new AbortController();
    const giveUp = (): void => attempt.abort(new Error(stop.signal.aborted ? 'the bot stops' : 'no answer in time'));
    const late = setTimeout(giveUp, timeout);
    stop.signal.addEventListener('abort', giveUp);
    try {
      response = await fetch(new URL(`/api/v1/${path}`, url), {
        headers: { Authorization: `Bearer ${key}`, Accept: 'application/json' },
        // A redirect must not carry the key to another server.
        redirect: 'error',
        signal: attempt.signal,
      });
      answer = await readAnswer(response);
    } catch (error) {
      budget.failed();
      onAnswer?.('unavailable');
      if (!stop.signal.aborted) standing.onFailed(reasonOf(error), now());
      return UNAVAILABLE;
    } finally {
      clearTimeout(late);
      stop.signal.removeEventListener('abort', giveUp);
    }
    const at = now();
    budget.answered(response.headers, at);
    onAnswer?.(answer.as);
    switch (answer.as) {
      case 'limited':
        budget.block(at + answer.retryAfter);
        return 'again';
      case 'refused':
        standing.onRefused(response.status, area, at);
        return answer;
      case 'unavailable':
        standing.onFailed(`status ${response.status}`, at, answer.retryAfter);
        return answer;
      case 'unreadable':
        // A 4xx is about the one request, such as a page that is too long.
        if (response.ok) standing.onUnreadable(response.status);
        else standing.onAnswered(area);
        return answer;
      default:
        standing.onAnswered(area);
        return answer;
    }
  };

  const start = (request: Request): void => {
    const since = now();
    budget.started(since);
    const done = ask(request.path, areaOf(request.path)).then((answer) => {
      underWay.delete(request);
      if (answer === 'again' && !stop.signal.aborted) waiting.unshift(request);
      else request.resolve(answer === 'again' ? UNAVAILABLE : answer);
      next();
    });
    underWay.set(request, { since, done });
  };

  const next = (): void => {
    clearTimeout(timer);
    while (underWay.size < MOST_AT_ONCE) {
      const request = waiting.find(goesFirst) ?? waiting[0];
      if (!request) return;
      const at = now();
      const wait = Math.max(budget.wait(at), standing.wait(at));
      const over = stop.signal.aborted || at >= request.until || standing.wait(at) > 0;
      const refused = standing.refused(areaOf(request.path), at);
      if (!over && !refused && wait > 0) {
        timer = setTimeout(next, Math.min(wait, Math.max(request.until - at, 1)));
        timer.unref();
        return;
      }
      waiting.splice(waiting.indexOf(request), 1);
      if (refused) request.resolve({ as: 'refused' });
      else if (over) request.resolve(UNAVAILABLE);
      else start(request);
    }
  };

  return {
    get: (path, until) =>
      new Promise((resolve) => {
        const request = { path, until, resolve };
        if (waiting.length >= MOST_WAITING && !goesFirst(request)) return resolve(UNAVAILABLE);
        waiting.push(request);
        next();
      }),
    busy() {
      const at = now();
      if (waiting.length > 0 || budget.wait(at) > 0 || standing.wait(at) > 0) return true;
      return [...underWay.values()].some(({ since }) => at - since >= SLOW);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      next();
      for (const request of waiting.splice(0)) request.resolve(UNAVAILABLE);
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };
};

const areaOf = (path: string): Area => {
  if (/^events\/[^/]*\/registrations\b/.test(path)) return 'registrations';
  return path.startsWith('events') ? 'events' : 'bookings';
};

const goesFirst = ({ path }: Pick<Request, 'path'>): boolean => areaOf(path) === 'registrations';

/** fetch's own message says little: what happened is in its cause. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
