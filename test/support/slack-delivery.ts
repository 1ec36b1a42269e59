import type { ClaimedDelivery, PlannedSlack } from '../../src/core/delivery.ts';
import type { AttemptTools } from '../../src/deliver/channel.ts';
import { aWebhook, T0 } from './builders.ts';

let built = 0;

/** A claimed delivery to Slack; what it says is `text` unless a template is named. */
export const aSlackDelivery = (
  overrides: Partial<Omit<ClaimedDelivery, 'action'>> & { readonly slack?: Partial<PlannedSlack> } = {},
): ClaimedDelivery => {
  const { slack: given, ...rest } = overrides;
  built += 1;
  const slack: PlannedSlack = {
    channel: '#bookings',
    as: 'plain',
    ...(given?.template === undefined && { text: 'Hello' }),
    ...given,
  };
  return {
    id: `dl_${built}`,
    rule: 'tell-team',
    kind: 'slack',
    destination: `slack:${slack.channel}`,
    action: { kind: 'slack', slack },
    webhook: aWebhook(),
    receivedAt: T0,
    movedFrom: null,
    event: null,
    tries: 1,
    attempt: built,
    rerun: null,
    version: T0 * 10,
    latest: null,
    unclear: null,
    ...rest,
  };
};

/** The tools of an attempt that nobody stops. */
export const unhurried = (signal: AbortSignal = new AbortController().signal): AttemptTools => ({
  signal,
  note: async () => undefined,
});
