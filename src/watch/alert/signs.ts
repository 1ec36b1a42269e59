import type { Trouble } from '../../core/alert.ts';
import type { StoreStatus } from '../../store/ports.ts';
import type { Lasting } from './state.ts';
import { BURST, SIGNATURE_KEY, signatureRefusals, signatureTrouble } from './troubles.ts';

/** What can only be told from how counts change from look to look. */
export const createSigns = (now: () => number) => {
  let samples: readonly { readonly at: number; readonly count: number }[] = [];
  return {
    /**
     * A burst of requests that are refused for their signature: begins with twenty in five minutes, and lasts until there was
     * none for ten. That it lasts can be told from the store alone, so that every process sees the same.
     */
    signatures(status: StoreStatus, lasting: readonly Lasting[]): Trouble[] {
      const time = now();
      const { count, lastAt } = signatureRefusals(status);
      samples = [...samples.filter(({ at }) => Math.abs(time - at) <= BURST.within), { at: time, count }];
      const known = lasting.find(({ trouble }) => trouble.key === SIGNATURE_KEY);
      if (known) return time - lastAt <= BURST.quiet ? [known.trouble] : [];
      const more = count - (samples[0]?.count ?? count);
      return more >= BURST.count ? [signatureTrouble(more, time)] : [];
    },
  };
};
