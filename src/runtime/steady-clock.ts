/**
 * A clock, in Unix milliseconds, for when work is due: it follows the machine's and never goes back. Where that one is set
 * back, it goes on from where it was at half its speed until the other has caught up: were it to jump back too, whatever
 * was put off for a second would wait for an hour. Not for what others compare with their own clocks, as signatures are.
 */
export const createSteadyClock = (
  clock: () => number = Date.now,
  even: () => number = () => performance.now(),
): (() => number) => {
  let last = clock();
  let looked = even();
  return () => {
    const at = even();
    last = Math.max(clock(), last + (at - looked) / 2);
    looked = at;
    return Math.trunc(last);
  };
};
