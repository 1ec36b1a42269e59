import Router from '@koa/router';
import { HttpError } from '../http/errors.ts';
import { EVENTS_PATH } from './manifest.ts';

/** Answers Slack's address where nobody listens there, with what to set: `why` is a sentence. */
export const absentSlackRouter = (why: string): Router => {
  const router = new Router();
  router.all(EVENTS_PATH, () => {
    throw new HttpError(404, 'slack_not_configured', why);
  });
  return router;
};
