import Router from '@koa/router';
import type { Registry } from 'prom-client';

/** `GET /metrics`, for Prometheus. `refresh` is awaited before each answer and must not reject. */
export const metricsRouter = (registry: Registry, refresh: () => Promise<void>): Router => {
  const router = new Router();
  router.get('/metrics', async (ctx) => {
    await refresh();
    ctx.type = registry.contentType;
    ctx.body = await registry.metrics();
  });
  return router;
};
