/**
 * What a failure means for what comes next.
 * - `retry`: passing; tried again later with a growing pause, and given up after about three days.
 * - `wait`: the provider asked to wait (`retryAfterMs`); does not count towards giving up.
 * - `permanent`: can't succeed as it is; ends as a dead letter at once.
 * - `obsolete`: telling it makes no sense any more; ends as superseded, with the reason kept.
 * - `channel`: the channel's credentials or configuration; the whole channel pauses, the delivery is not used up.
 */
export type Verdict = 'retry' | 'wait' | 'permanent' | 'obsolete' | 'channel';

/** A failed attempt. `message` is for people and says what to do next; it never holds a secret. */
export class DeliveryError extends Error {
  readonly code: string;
  readonly verdict: Verdict;
  /** For `wait`: how long, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Whether the provider may have accepted all the same: the next attempt looks before it acts. */
  readonly unclear: boolean;

  constructor(
    code: string,
    message: string,
    options: { verdict: Verdict; retryAfterMs?: number; unclear?: boolean; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DeliveryError';
    this.code = code;
    this.verdict = options.verdict;
    this.retryAfterMs = options.retryAfterMs;
    this.unclear = options.unclear ?? false;
  }
}

/** Something the person who runs the bot has to mend; printed as it is, without a stack. */
export class OperatorError extends Error {
  readonly remedy: string | undefined;

  constructor(message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OperatorError';
    this.remedy = options.remedy;
  }
}

/** The store failed, or can't be reached: nothing is wrong with what was to be done, and it may go well later. */
export class StoreFailure extends Error {}

/** The message of anything thrown. Of errors where closing failed as well, that of each: the first failure, then what followed. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof SuppressedError)) return error instanceof Error ? error.message : String(error);
  return [...new Set([messageOf(error.suppressed), messageOf(error.error)])].join('; then ');
};
