import type { Middleware } from 'koa';

/**
 * What browsers are told of every answer, since all of them are for machines: not to guess what they are, run, frame or keep
 * them. A page that people look at replaces the policy by its own.
 */
const FOR_BROWSERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Says what browsers are to make of an answer. */
export const plainAnswers: Middleware = function plainAnswers(ctx, next) {
  ctx.set(FOR_BROWSERS);
  return next();
};
