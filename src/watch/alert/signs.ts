import type { Trouble } from '../../core/alert.ts';
import type { StoreStatus } from '../../store/ports.ts';
import type { Lasting } from './state.ts';
import { BURST, SIGNATURE_KEY, signatureRefusals, signatureTrouble } from './troubles.ts';

/** Troubles that show only in how counts change from check to check. */
export const createSigns = (now: () => number) => {
  let samples: readonly { readonly at: number; readonly count: number }[] = [];
  return {
    /**
     * A burst of requests refused for their signature: it begins with twenty within five minutes, and ends after ten minutes
     * without one. Whether it goes on depends on the store alone, so every process sees the same.
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
