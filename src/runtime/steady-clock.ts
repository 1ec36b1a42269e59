/**
 * A clock in Unix milliseconds for deciding when work is due: it follows the machine's clock but never goes back. When that
 * is set back, say by an hour, this one goes on at half speed until the other has caught up; if it jumped back too, work
 * postponed by a second would wait for an hour. Not for times that others compare with their own clocks, as in signatures.
 */
export const createSteadyClock = (
  clock: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
): (() => number) => {
  let last = clock();
  let looked = monotonic();
  return () => {
    const at = monotonic();
    last = Math.max(clock(), last + (at - looked) / 2);
    looked = at;
    return Math.trunc(last);
  };
};
