import { DeliveryError } from '../core/errors.ts';
import type { Channel } from './channel.ts';
import { toDeliveryError } from './outcome.ts';

/**
 * The same channel, of whose failures `guard` takes out what must not be told: a server's answer may repeat the password that
 * it was given, and messages of attempts are kept, shown by `why` and `failed`, and told in Slack.
 */
export const guardedChannel = (channel: Channel, guard: (text: string) => string): Channel => ({
  ...channel,
  async perform(delivery, tools) {
    try {
      return await channel.perform(delivery, tools);
    } catch (error) {
      throw guarded(toDeliveryError(error), guard);
    }
  },
});

const guarded = (error: DeliveryError, guard: (text: string) => string): DeliveryError => {
  const message = guard(error.message);
  if (message === error.message) return error;
  const { code, verdict, retryAfterMs, unclear, cause } = error;
  return new DeliveryError(code, message, {
    verdict,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    unclear,
    ...(cause !== undefined && { cause }),
  });
};
