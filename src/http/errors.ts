import type { Context, Middleware } from 'koa';
import type { Log } from '../runtime/log.ts';

/** An answer other than 200, thrown from a handler. `code` and `message` are the contract's `{"error":{…}}`. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Turns whatever a handler throws into the contract's error answer; only what we did not foresee is logged. */
export const errorAnswers = (log: Log): Middleware =>
  async function errorAnswers(ctx, next) {
    try {
      checkTarget(ctx);
      checkHeaderCount(ctx.req.rawHeaders);
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw notFound(ctx);
    } catch (error) {
      if (!(error instanceof HttpError)) log.error({ err: error, path: ctx.path }, 'a request failed unexpectedly');
      answer(ctx, error instanceof HttpError ? error : new HttpError(500, 'internal', 'Something went wrong here.'));
    }
  };

/** Answers every method of a path but the one it has. */
export const methodNotAllowed =
  (allowed: string): Middleware =>
  () => {
    throw new HttpError(405, 'method_not_allowed', `Only ${allowed} is answered here.`, { Allow: allowed });
  };

/** No sender that means well has as many; each costs something to look through. */
const MOST_HEADERS = 100;

const checkHeaderCount = (rawHeaders: readonly string[]): void => {
  if (rawHeaders.length > 2 * MOST_HEADERS) {
    throw new HttpError(431, 'too_many_headers', `The request has more than ${MOST_HEADERS} headers.`);
  }
};

/** Koa reads the path from the request line at every access, and throws where that holds no URL. */
const checkTarget = (ctx: Context): void => {
  try {
    ctx.path.at(0);
  } catch {
    throw new HttpError(400, 'bad_request', 'The request line holds no valid URL.');
  }
};

const notFound = (ctx: Context): HttpError =>
  new HttpError(404, 'not_found', `Nothing is served at ${ctx.path.slice(0, 200)}.`);

const answer = (ctx: Context, error: HttpError): void => {
  ctx.status = error.status;
  ctx.set({ ...error.headers });
  ctx.body = { error: { code: error.code, message: error.message } };
};
