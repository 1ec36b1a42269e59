import type Router from '@koa/router';
import type { Config } from '../config.ts';
import type { Problem } from '../core/problem.ts';
import type { Channel } from '../deliver/channel.ts';
import { healthRouter } from '../http/health.ts';
import type { Store } from '../store/ports.ts';
import { metricsRouter } from '../watch/endpoint.ts';
import { measuredChannel } from '../watch/measured-channel.ts';
import { measuredStore } from '../watch/measured-store.ts';
import { createMetrics, type Metrics } from '../watch/metrics.ts';
import { createPulses } from '../watch/pulses.ts';
import { statusWithin } from '../watch/status.ts';
import { addStoreGauges } from '../watch/store-gauges.ts';

/** What looks after a running bot: it measures the parts that it is handed, and answers how the bot is. */
export type Watch = {
  readonly metrics: Metrics;
  /** The same store, measured. */
  store(store: Store): Store;
  /** The same channels, measured. */
  channels(channels: readonly Channel[]): Channel[];
  /** Hears what is wrong with rules and templates after each load. */
  onProblems(problems: readonly Problem[]): void;
  /** What is wrong with them now. */
  problems(): readonly Problem[];
  /** `/healthz`, `/readyz` and `/metrics`. */
  routers(store: Store): readonly Router[];
  /** From now on the bot is not ready for anything new. */
  stopping(): void;
};

export const createWatch = (config: Config): Watch => {
  const metrics = createMetrics({ store: config.databaseUrl === undefined ? 'sqlite' : 'postgres' });
  const pulses = createPulses();
  const now = Date.now;
  let stops = false;
  let problems: readonly Problem[] = [];
  return {
    metrics,
    store: (store) => measuredStore(store, { metrics, pulses }),
    channels: (channels) => channels.map((channel) => measuredChannel(channel, { metrics, pulses })),
    onProblems(found) {
      problems = found;
      metrics.rulesOk(!found.some(({ severity }) => severity === 'error'));
    },
    problems: () => problems,
    routers(store) {
      const status = statusWithin(store);
      const refresh = addStoreGauges(metrics.registry, status, now);
      const health = healthRouter({ status, now, stopping: () => stops, still: pulses.still });
      return [health, metricsRouter(metrics.registry, refresh)];
    },
    stopping() {
      stops = true;
    },
  };
};
