import Router from '@koa/router';
import { HttpError } from '../http/errors.ts';
import { EVENTS_PATH } from './manifest.ts';

/** Answers Slack's address with 404 where this process does not serve it. `why` is a sentence that says what to set. */
export const absentSlackRouter = (why: string): Router => {
  const router = new Router();
  router.all(EVENTS_PATH, () => {
    throw new HttpError(404, 'slack_not_configured', why);
  });
  return router;
};
