import type { QueryStore, StoreStatus } from '../store/ports.ts';

/** How long the store may take to say how it is, in milliseconds. */
const WITHIN = 2_000;
/** Who asks within so many milliseconds is told the same: a flood of looks costs the store little, and nobody reads old news. */
const FRESH = 50;

/**
 * Asks the store how it is, once for all who want to know in the same moment. Rejects where it does not answer within two
 * seconds.
 */
export const statusWithin = (
  store: Pick<QueryStore, 'status'>,
  { within = WITHIN, fresh = FRESH }: { readonly within?: number; readonly fresh?: number } = {},
): (() => Promise<StoreStatus>) => {
  let asked: { readonly at: number; readonly answer: Promise<StoreStatus> } | undefined;
  let underWay: Promise<StoreStatus> | undefined;
  return () => {
    const at = performance.now();
    if (asked && at - asked.at < fresh) return asked.answer;
    // A store that hangs is not asked again before it answered: its queue would grow with each look.
    underWay ??= store.status().finally(() => {
      underWay = undefined;
    });
    const answer = inTime(underWay, within);
    answer.catch(() => {});
    asked = { at, answer };
    return answer;
  };
};

const inTime = <Result>(work: Promise<Result>, milliseconds: number): Promise<Result> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`The store has not answered within ${milliseconds / 1000} seconds.`)),
    milliseconds,
  );
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
};
