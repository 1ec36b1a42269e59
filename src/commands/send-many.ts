import { OperatorError } from '../core/errors.ts';
import type { Output } from './context.ts';
import { CONCURRENCY } from './endpoint.ts';
import { type Answer, isAccepted, type Poster } from './post.ts';

/** The result of sending many webhooks. */
export type Totals = {
  readonly sent: number;
  readonly accepted: number;
  /** How many of the accepted ones the bot already knew. */
  readonly duplicates: number;
  readonly failed: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** The first failure in words. */
  readonly firstFailure: string | null;
  readonly firstFailureStatus: number | null;
};

type Job = {
  readonly count: number;
  readonly body: () => Uint8Array;
  readonly err: Output;
  readonly now: () => number;
};

/** Milliseconds between two updates of the progress line. */
const PROGRESS_EVERY = 100;

/**
 * Sends `count` webhooks, several at once. Failures are counted and do not stop it; but it rejects with an OperatorError if a
 * request gets no answer before any webhook was accepted.
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
