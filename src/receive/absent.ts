import Router from '@koa/router';
import { HttpError } from '../http/errors.ts';
import { WEBHOOK_PATH } from './endpoint.ts';

/** Answers the webhooks' address where none are taken, with whom to send them to: `why` is a sentence. */
export const absentWebhookRouter = (why: string): Router => {
  const router = new Router();
  router.all(WEBHOOK_PATH, () => {
    throw new HttpError(404, 'no_webhooks_here', why);
  });
  return router;
};
