import type Router from '@koa/router';
import type { Config } from '../config.ts';
import { messageOf } from '../core/errors.ts';
import type { Problem } from '../core/problem.ts';
import type { Channel } from '../deliver/channel.ts';
import { healthRouter } from '../http/health.ts';
import type { Store, StoreStatus } from '../store/ports.ts';
import type { Alerts } from '../watch/alert/alerts.ts';
import { metricsRouter } from '../watch/endpoint.ts';
import { measuredChannel } from '../watch/measured-channel.ts';
import { measuredStore } from '../watch/measured-store.ts';
import { createMetrics, type Metrics } from '../watch/metrics.ts';
import { createPulses } from '../watch/pulses.ts';
import { statusWithin } from '../watch/status.ts';
import { addStoreGauges } from '../watch/store-gauges.ts';
import { nameStore } from '../watch/store-name.ts';
import { type AlertingDeps, startAlerting } from './alerts.ts';

/** Monitoring of a running bot: measures the parts that it is handed, reports health and metrics, and raises alerts. */
export type Watch = {
  readonly metrics: Metrics;
  /** The same store, measured. */
  store(store: Store): Store;
  /** The same channels, measured. */
  channels(channels: readonly Channel[]): Channel[];
  /** To be called with the problems of rules and templates after each load. */
  onProblems(problems: readonly Problem[]): void;
  /** `/healthz`, `/readyz` and `/metrics`. */
  routers(store: Store, now: () => number): readonly Router[];
  /** Starts to alert the team when something fails and when it works again. */
  alerting(deps: Omit<AlertingDeps, 'status' | 'problems'>): AsyncDisposable;
  /** To be called when stopping begins: from then on `/readyz` says that the bot is not ready. */
  stopping(): void;
};

export const createWatch = (config: Config): Watch => {
  const metrics = createMetrics({ store: config.databaseUrl === undefined ? 'sqlite' : 'postgres' });
  const pulses = createPulses();
  let stops = false;
  let storeId: string | undefined;
  let alerts: Alerts | undefined;
  let status: (() => Promise<StoreStatus>) | undefined;
  const statusOf = (store: Store): (() => Promise<StoreStatus>) => {
    status ??= statusWithin(store);
    return status;
  };
  const ended: Metrics['ended'] = (channel, as) => {
    metrics.ended(channel, as);
    if (as === 'dead') alerts?.died();
    if (as === 'done') alerts?.worked(channel);
  };
  let problems: readonly Problem[] = [];
  return {
    metrics,
    store: (store) => measuredStore(store, { metrics: { ...metrics, ended }, pulses }),
    channels: (channels) => channels.map((channel) => measuredChannel(channel, { metrics, pulses })),
    onProblems(found) {
      problems = found;
      metrics.rulesOk(!found.some(({ severity }) => severity === 'error'));
    },
    routers(store, now) {
      const refresh = addStoreGauges(metrics.registry, statusOf(store), now);
      const health = healthRouter({
        status: statusOf(store),
        now,
        stopping: () => stops,
        still: pulses.still,
        storeId: () => storeId,
      });
      return [health, metricsRouter(metrics.registry, refresh)];
    },
    alerting(deps) {
      nameStore(deps.store).then(
        (id) => {
          storeId = id;
        },
        // Only doctor needs it.
        (error: unknown) => deps.log.debug({ error: messageOf(error) }, 'the store has no name yet'),
      );
      const started = startAlerting(config, { ...deps, status: statusOf(deps.store), problems: () => problems });
      alerts = started;
      return started;
    },
    stopping() {
      stops = true;
    },
  };
};
