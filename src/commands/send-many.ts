import { OperatorError } from '../core/errors.ts';
import type { Output } from './context.ts';
import { CONCURRENCY } from './endpoint.ts';
import { type Answer, isAccepted, type Poster } from './post.ts';

export type Totals = {
  readonly sent: number;
  readonly accepted: number;
  /** Of the accepted, those the bot knew already. */
  readonly duplicates: number;
  readonly failed: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** The first answer that was no acceptance. */
  readonly firstFailure: string | null;
  readonly firstFailureStatus: number | null;
};

type Job = {
  readonly count: number;
  readonly body: () => Uint8Array;
  readonly err: Output;
  readonly now: () => number;
};

const PROGRESS_EVERY = 100;

/**
 * Sends so many webhooks, several at once. Goes on after failures, which it counts; but rejects where nobody answers from
 * the start.
 */
export const sendMany = async (poster: Poster, { count, body, err, now }: Job): Promise<Totals> => {
  const startedAt = performance.now();
  let [begun, sent, accepted, duplicates, failed, shownAt] = [0, 0, 0, 0, 0, now()];
  let first: { readonly text: string; readonly status: number | null } | undefined;

  const note = (answer: Answer): void => {
    if (isAccepted(answer)) {
      accepted += 1;
      if (answer.duplicate) duplicates += 1;
      return;
    }
    failed += 1;
    const { status, error } = answer;
    first ??= { text: error ? `${status} ${error.code}: ${error.message}` : String(status), status };
  };

  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      try {
        note(await poster.post(body()));
      } catch (error) {
        if (accepted === 0 || !(error instanceof OperatorError)) throw error;
        failed += 1;
        first ??= { text: error.message, status: null };
      }
      sent += 1;
      if (err.isTTY && now() - shownAt >= PROGRESS_EVERY) {
        shownAt = now();
        err.write(`\r${sent} of ${count} sent `);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, count) }, worker));
  } finally {
    if (err.isTTY) err.write('\r\x1b[K');
  }

  const seconds = (performance.now() - startedAt) / 1000;
  return {
    sent,
    accepted,
    duplicates,
    failed,
    seconds: Math.round(seconds * 1000) / 1000,
    perSecond: Math.round(sent / seconds),
    firstFailure: first?.text ?? null,
    firstFailureStatus: first?.status ?? null,
  };
};
