import { DeliveryError } from '../core/errors.ts';
import type { Channel } from '../deliver/channel.ts';
import { laneOf } from './measured-store.ts';
import type { AttemptResult, Metrics } from './metrics.ts';
import type { Pulses } from './pulses.ts';

/** Wraps a channel so that each attempt is timed, and counted by its result. */
export const measuredChannel = (
  channel: Channel,
  { metrics, pulses }: { readonly metrics: Metrics; readonly pulses: Pulses },
): Channel => {
  const { kind } = channel;
  return {
    ...channel,
    async perform(delivery, tools) {
      const began = performance.now();
      let result: AttemptResult = 'done';
      metrics.attemptBegan(kind);
      try {
        return await channel.perform(delivery, tools);
      } catch (error) {
        result = resultOf(error);
        throw error;
      } finally {
        metrics.attemptEnded(kind, result, (performance.now() - began) / 1000);
        pulses.beat(laneOf(kind));
      }
    },
  };
};

/** An error that is no DeliveryError was not foreseen; the delivery is attempted again. */
const resultOf = (error: unknown): AttemptResult => {
  if (!(error instanceof DeliveryError)) return 'retry';
  return error.code === 'stopped' ? 'stopped' : error.verdict;
};
