import type { Log } from '../runtime/log.ts';
import type { Rejection, WebhookInbox } from '../store/ports.ts';

export type RejectionLog = {
  add(rejection: Rejection): void;
  /** Writes what is still in memory, and waits for what is being written: the store may close after that. */
  [Symbol.asyncDispose](): Promise<void>;
};

const FLUSH_AFTER = 1_000;

/**
 * Collects rejections and writes them once a second, so that a flood of forged requests costs the disk no more than a
 * single one. A write that fails is logged and the counts are lost: they are not what the bot promises to keep.
 */
export const createRejectionLog = (inbox: Pick<WebhookInbox, 'recordRejections'>, log: Log): RejectionLog => {
  let waiting: Rejection[] = [];
  let timer: NodeJS.Timeout | undefined;
  let written = Promise.resolve();

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting;
    waiting = [];
    if (batch.length > 0) written = written.then(() => write(batch));
    return written;
  };

  const write = (batch: readonly Rejection[]): Promise<void> =>
    inbox.recordRejections(batch).catch((error) => log.warn({ err: error }, 'rejected requests could not be noted'));

  return {
    add(rejection) {
      waiting.push(rejection);
      timer ??= setTimeout(flush, FLUSH_AFTER).unref();
    },
    [Symbol.asyncDispose]: flush,
  };
};
