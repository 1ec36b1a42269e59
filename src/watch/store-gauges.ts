import { Gauge, type Registry } from 'prom-client';
import { DELIVERY_STATUSES } from '../core/delivery.ts';
import { ACTION_KINDS } from '../core/rule.ts';
import type { StoreStatus } from '../store/ports.ts';

const SAME = 'Read from the store: the same from every process.';

/**
 * Adds gauges of the store's status: how much is kept, what waits and since when, what is paused. Returns a function that
 * updates them; it never rejects. If `status` does, `webkasa_bot_store_up` is 0 and the other gauges have no value.
 */
export const addStoreGauges = (
  registry: Registry,
  status: () => Promise<StoreStatus>,
  now: () => number,
): (() => Promise<void>) => {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({
      name: `webkasa_bot_${name}`,
      help: `${help} ${SAME}`,
      labelNames: [...labelNames],
      registers: [registry],
    });
  const webhooks = gauge('webhooks', 'Webhooks kept.');
  const unrouted = gauge('unrouted', 'Webhooks that wait for their decisions.');
  const deliveries = gauge('deliveries', 'Deliveries by status; those that are dead wait for somebody to retry them.', [
    'status',
  ]);
  const waiting = gauge('waiting', 'Deliveries that wait (pending) or are under way (running), by channel.', [
    'channel',
    'status',
  ]);
  const oldest = gauge(
    'backlog_oldest_seconds',
    'For how long the oldest work that is due has waited; 0 where none waits.',
  );
  const paused = gauge('paused', '1 while a channel is paused because its credentials or settings fail, by channel.', [
    'channel',
  ]);
  const rejected = gauge('rejected', 'Refused requests so far, by reason.', ['reason']);

  const show = (found: StoreStatus): void => {
    webhooks.set(found.webhooks);
    unrouted.set(found.unrouted);
    for (const state of DELIVERY_STATUSES) deliveries.set({ status: state }, found.deliveries[state]);
    for (const channel of ACTION_KINDS) {
      for (const state of ['pending', 'running'] as const) {
        const open = found.open.find(({ kind, status: as }) => kind === channel && as === state);
        waiting.set({ channel, status: state }, open?.count ?? 0);
      }
    }
    oldest.set(found.oldestWaiting === null ? 0 : Math.max(0, (now() - found.oldestWaiting) / 1000));
    for (const channel of ACTION_KINDS) {
      paused.set({ channel }, found.pauses.some(({ kind }) => kind === channel) ? 1 : 0);
    }
    for (const { reason, count } of found.rejections) rejected.set({ reason }, count);
  };
  const forget = (): void => {
    for (const each of [webhooks, unrouted, deliveries, waiting, oldest, paused, rejected]) each.reset();
    for (const each of [webhooks, unrouted, oldest]) each.remove();
  };

  const up = new Gauge({
    name: 'webkasa_bot_store_up',
    help: '1 where the store answers this process in time.',
    registers: [registry],
  });
  return async () => {
    const found = await status().catch(() => undefined);
    up.set(found ? 1 : 0);
    if (found) show(found);
    else forget();
  };
};
