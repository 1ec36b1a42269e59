import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { messageOf, OperatorError, StoreFailure } from '../../core/errors.ts';
import type { Answer, Call, WorkerInput } from './calls.ts';

/** A failure inside the database; `errcode` is SQLite's (sqlite.org/rescode.html), 13 for a full disk. */
export class StoreError extends StoreFailure {
  readonly errcode: number | undefined;

  constructor(message: string, errcode?: number) {
    super(message);
    this.name = 'StoreError';
    this.errcode = errcode;
  }
}

export type Thread = {
  /** `patient` calls wait a few milliseconds for others to share a commit with; what is urgent takes them along. */
  call(method: string, args: readonly unknown[], haste?: 'urgent' | 'patient'): Promise<unknown>;
  close(): Promise<void>;
};

type Waiting = { readonly call: Call; resolve(value: unknown): void; reject(error: unknown): void };

/** Keeps one transaction short enough that nobody waits long behind it. */
const MOST_IN_A_BATCH = 256;

/** Milliseconds a patient call waits at the most before it is sent. */
const PATIENCE = 10;

/**
 * Starts a database thread. Calls made while it is busy are collected and sent as one batch when it answers, so the
 * busier it is, the more of them share a commit. `onFault` is told where the thread ends without having been asked to:
 * every call fails from then on.
 */
export const startThread = async (input: WorkerInput, onFault: (error: StoreError) => void): Promise<Thread> => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: input });
  await once(worker, 'message').catch((error: unknown) => {
    // Of an error that crosses between threads the fields are left, not the class.
    const { remedy = 'Check that DATA_DIR is a folder this user may write to, on a disk with space left.' } =
      error as Partial<OperatorError>;
    throw new OperatorError(`The store in ${input.file} can't be opened: ${messageOf(error)}`, {
      remedy,
      cause: error,
    });
  });

  let waiting: Waiting[] = [];
  let underWay: Waiting[] = [];
  let soon: NodeJS.Immediate | undefined;
  let later: NodeJS.Timeout | undefined;
  let urgent = false;
  let ended: StoreError | undefined;
  let closing = false;

  const send = (): void => {
    clearImmediate(soon);
    clearTimeout(later);
    soon = later = undefined;
    if (underWay.length > 0 || waiting.length === 0) return;
    underWay = waiting.splice(0, MOST_IN_A_BATCH);
    urgent &&= waiting.length > 0;
    try {
      worker.postMessage(underWay.map(({ call }) => call));
    } catch (error) {
      // Something that can't be copied into another thread, as what nests without end; thrown here it would be nobody's.
      const refused = underWay.splice(0);
      for (const { reject } of refused) reject(new StoreError(`The store can't take this: ${messageOf(error)}`));
      send();
    }
  };

  /** Later in this turn of the event loop, so that requests read together share a commit from the start. */
  const schedule = (): void => {
    if (underWay.length > 0 || waiting.length === 0) return;
    if (urgent) soon ??= setImmediate(send);
    else later ??= setTimeout(send, PATIENCE);
  };

  const fail = (error: StoreError): void => {
    ended = error;
    for (const { reject } of [...underWay, ...waiting]) reject(error);
    underWay = [];
    waiting = [];
  };

  worker.on('message', (answers: readonly Answer[]) => {
    const answered = underWay;
    underWay = [];
    if (urgent) send();
    else schedule();
    answered.forEach(({ resolve, reject }, index) => {
      const answer = answers[index];
      if (answer?.ok) resolve(answer.value);
      else reject(new StoreError(answer?.message ?? 'The database thread gave no answer.', answer?.errcode));
    });
  });
  const broken = (error: StoreError): void => {
    if (ended) return;
    fail(error);
    onFault(error);
  };

  worker.on('error', (error) => broken(new StoreError(`The database thread failed: ${messageOf(error)}`)));
  worker.on('exit', () => {
    if (closing) fail(new StoreError('The store is closed.'));
    else broken(new StoreError('The database thread ended unasked.'));
  });

  return {
    call: (method, args, haste = 'urgent') =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        waiting.push({ call: { method, args }, resolve, reject });
        urgent ||= haste === 'urgent';
        schedule();
      }),
    close: async () => {
      // What was asked before is answered before: a patient call may still be waiting to be sent.
      while (!ended && (underWay.length > 0 || waiting.length > 0)) {
        send();
        await Promise.race([once(worker, 'message'), once(worker, 'exit')]);
      }
      if (ended) return;
      closing = true;
      const exit = once(worker, 'exit');
      worker.postMessage('close');
      await exit;
    },
  };
};
