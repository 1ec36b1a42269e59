import Router from '@koa/router';
import type { QueryStore } from '../store/ports.ts';
import { HttpError } from './errors.ts';

/** `/healthz`: the process answers. `/readyz`: the store answers too, with how much waits and since when. */
export const healthRouter = (store: Pick<QueryStore, 'status'>, now: () => number): Router => {
  const router = new Router();
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    const status = await store.status().catch(() => {
      throw new HttpError(503, 'unavailable', 'The store does not answer.', { 'Retry-After': '30' });
    });
    ctx.body = {
      status: 'ready',
      unrouted: status.unrouted,
      pending: status.deliveries.pending,
      running: status.deliveries.running,
      dead: status.deliveries.dead,
      backlog_seconds:
        status.oldestWaiting === null ? 0 : Math.max(0, Math.round((now() - status.oldestWaiting) / 1000)),
      paused: status.pauses.map((pause) => pause.kind),
    };
  });
  return router;
};
