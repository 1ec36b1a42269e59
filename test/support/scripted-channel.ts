import type { ClaimedDelivery, Receipt } from '../../src/core/delivery.ts';
import type { AttemptTools, Channel } from '../../src/deliver/channel.ts';

export type Performance = { readonly delivery: ClaimedDelivery; readonly tools: AttemptTools };

/** A channel that does what the test says, and remembers what it was asked. */
export const scriptedChannel = (
  act: (performance: Performance, nth: number) => Promise<Receipt> | Receipt,
  options: Partial<Channel> = {},
): Channel & { readonly performed: readonly Performance[]; readonly mostAtOnce: () => number } => {
  const performed: Performance[] = [];
  let underWay = 0;
  let most = 0;
  return {
    kind: 'email',
    concurrency: 4,
    fingerprint: ({ id }) => id,
    performed,
    mostAtOnce: () => most,
    async perform(delivery, tools) {
      underWay += 1;
      most = Math.max(most, underWay);
      performed.push({ delivery, tools });
      try {
        return await act({ delivery, tools }, performed.length);
      } finally {
        underWay -= 1;
      }
    },
    ...options,
  };
};
