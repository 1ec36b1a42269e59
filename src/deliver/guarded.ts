import { DeliveryError } from '../core/errors.ts';
import type { Channel } from './channel.ts';
import { toDeliveryError } from './outcome.ts';

/**
 * The same channel, with secrets redacted from its failures by `guard`: a server's answer may repeat the password that it was
 * given, and messages of attempts are stored, shown by `why` and `failed`, and posted to Slack.
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
