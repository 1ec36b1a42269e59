import type { QueryStore, StoreStatus } from '../store/ports.ts';

/** How many milliseconds the store may take to answer. */
const WITHIN = 2_000;
/** For how many milliseconds an answer is reused: a flood of requests then costs the store little, and no answer is stale. */
const FRESH = 50;

/**
 * Returns a function that asks the store for its status, once for all who ask at the same moment. It rejects if the store does
 * not answer within two seconds.
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
    // A store that hangs is not asked again until it has answered: otherwise its queue would grow with each request.
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
