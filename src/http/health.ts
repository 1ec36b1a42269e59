import Router from '@koa/router';
import type { StoreStatus } from '../store/ports.ts';

/** One thing that has to be so for the bot to do its work. */
export type Check = { readonly name: string; readonly ok: boolean; readonly says: string };

export type HealthDeps = {
  /** How the store is; rejects where it does not answer in time. */
  readonly status: () => Promise<StoreStatus>;
  readonly now: () => number;
  /** Names the store, the same for every bot on it; undefined as long as that is not known. */
  readonly storeId?: () => string | undefined;
  /** Whether the process was told to stop. */
  readonly stopping?: () => boolean;
  /** Background loops of this process, and for how many milliseconds each has stood still. */
  readonly still?: () => readonly { readonly loop: string; readonly milliseconds: number }[];
};

/** With which `/healthz` says which store the bot works on, so that somebody can tell whether an address leads to it. */
export const STORE_HEADER = 'X-Webkasa-Bot-Store';

/** An attempt at a mail may take two minutes, and a lane waits for it; a loop that stands for longer than this is stuck. */
const STUCK = 5 * 60_000;

/**
 * `/healthz`: the process answers. `/readyz`: it can do its work: the store answers, it is not about to stop, and its loops
 * go round. That mail or Slack is down, or a delivery dead, makes no bot unready: it accepts all the same, and a restart
 * would mend nothing.
 */
export const healthRouter = (deps: HealthDeps): Router => {
  const router = new Router();
  router.get('/healthz', (ctx) => {
    const id = deps.storeId?.();
    if (id !== undefined) ctx.set(STORE_HEADER, id);
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    const status = await deps.status().catch(() => undefined);
    const checks = [storeCheck(status), stopCheck(deps), ...loopChecks(deps)];
    const failed = checks.filter(({ ok }) => !ok);
    if (failed.length > 0) {
      ctx.status = 503;
      ctx.set('Retry-After', '30');
    }
    ctx.body = {
      ...(failed.length > 0
        ? { status: 'unready', error: { code: 'unavailable', message: failed.map(({ says }) => says).join(' ') } }
        : { status: 'ready' }),
      checks,
      ...(status && backlogOf(status, deps.now())),
    };
  });
  return router;
};

const storeCheck = (status: StoreStatus | undefined): Check => ({
  name: 'store',
  ok: status !== undefined,
  says: status ? 'The store answers.' : 'The store does not answer.',
});

const stopCheck = ({ stopping }: HealthDeps): Check => {
  const stops = stopping?.() ?? false;
  return {
    name: 'process',
    ok: !stops,
    says: stops ? 'The bot is stopping.' : 'The bot runs.',
  };
};

const loopChecks = ({ still }: HealthDeps): Check[] =>
  (still?.() ?? []).map(({ loop, milliseconds }) => {
    const ok = milliseconds < STUCK;
    const says = ok
      ? `The ${loop} works.`
      : `The ${loop} has stood still for ${Math.round(milliseconds / 60_000)} minutes.`;
    return { name: loop, ok, says };
  });

const backlogOf = ({ unrouted, deliveries, oldestWaiting, pauses }: StoreStatus, now: number) => ({
  unrouted,
  pending: deliveries.pending,
  running: deliveries.running,
  dead: deliveries.dead,
  backlog_seconds: oldestWaiting === null ? 0 : Math.max(0, Math.round((now - oldestWaiting) / 1000)),
  paused: pauses.map(({ kind }) => kind),
});
