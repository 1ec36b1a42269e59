import type { SlackChannelDeps } from '../../src/deliver/slack/channel.ts';
import { Died } from './slack-told.ts';

type Needed = SlackChannelDeps['store'];

/** A store as a process sees it that ends at a certain call: from then on nothing comes back, and nothing is done. */
export type MortalStore = {
  readonly store: Needed;
  /** Rejects when the process ends. */
  readonly died: Promise<never>;
  /** How many calls were made. */
  calls(): number;
};

/** Ends the process at call `deadAt` (the first is 1): before the call is made, or after it was but before its answer. */
export const mortal = (store: Needed, deadAt: number, when: 'before' | 'after'): MortalStore => {
  const { watched, died, calls } = mortalCalls(deadAt, when);
  return {
    store: {
      getCard: watched((key) => store.getCard(key)),
      saveCard: watched((key, card) => store.saveCard(key, card)),
      registrations: watched((eventId) => store.registrations(eventId)),
      together: watched((id, page) => store.together(id, page)),
    },
    died,
    calls,
  };
};

/** The same for any calls: those that are `watched` count together. */
export const mortalCalls = (deadAt: number, when: 'before' | 'after') => {
  let calls = 0;
  const { promise: died, reject } = Promise.withResolvers<never>();
  died.catch(() => undefined);
  const never = (): Promise<never> => new Promise(() => undefined);

  const watched =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      calls += 1;
      if (calls > deadAt) return never();
      if (calls < deadAt) return call(...args);
      if (when === 'after') await call(...args);
      reject(new Died('the process ended'));
      return never();
    };

  return { watched, died, calls: (): number => calls };
};
