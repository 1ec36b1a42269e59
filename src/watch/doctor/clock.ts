import { type Check, ok, problem, unchecked, warning } from './check.ts';

/** Milliseconds. Signatures, tokens and certificates tolerate a few seconds; a clock that is minutes off breaks them. */
const ODD = 10_000;
const WRONG = 60_000;

/** Compares this machine's clock with those of the machines that the other checks ask. */
export const createClockWatch = (now: () => number) => {
  const differences: { readonly whose: string; readonly milliseconds: number }[] = [];
  return {
    note(whose: string, at: string | number | null): void {
      const theirs = typeof at === 'string' ? Date.parse(at) : (at ?? Number.NaN);
      if (!Number.isNaN(theirs)) differences.push({ whose, milliseconds: now() - theirs });
    },
    /** To be run after all other checks. */
    check: {
      name: 'clock',
      async run() {
        const [nearest] = differences.toSorted(
          (one, other) => Math.abs(one.milliseconds) - Math.abs(other.milliseconds),
        );
        // The closest clock counts: the others may be wrong themselves.
        if (!nearest) return [unchecked('nobody answered whose clock could be compared')];
        const { whose, milliseconds } = nearest;
        const seconds = Math.round(Math.abs(milliseconds) / 1000);
        if (Math.abs(milliseconds) < ODD) return [ok(`within ${Math.max(1, seconds)} s of ${whose}`)];
        const says = `This machine's clock is ${seconds} s ${milliseconds > 0 ? 'ahead of' : 'behind'} ${whose}.`;
        const remedy = 'Let it be set by NTP: `timedatectl set-ntp true`.';
        return [Math.abs(milliseconds) < WRONG ? warning(says, remedy) : problem(says, remedy)];
      },
    } satisfies Check,
  };
};
