import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { messageOf, OperatorError, StoreFailure } from '../../core/errors.ts';
import type { Answer, Call, WorkerInput } from './calls.ts';
import { CHECK_DATA_DIR } from './database.ts';

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
  /** A `patient` call waits up to ten milliseconds for others to share its commit; an `urgent` one takes those along. */
  call(method: string, args: readonly unknown[], haste?: 'urgent' | 'patient'): Promise<unknown>;
  /** Answers every call made so far, then ends the thread. Never rejects. */
  close(): Promise<void>;
};

type Waiting = { readonly call: Call; resolve(value: unknown): void; reject(error: unknown): void };

/** Keeps one transaction short enough that nobody waits long behind it. */
const MOST_IN_A_BATCH = 256;

/** The longest that a patient call waits before it is sent, in milliseconds. */
const PATIENCE = 10;

/**
 * Starts a database thread. Calls made while it is busy are collected and sent as one batch once it has answered, so the
 * busier it is, the more calls share a commit. `onFault` is called when the thread ends unexpectedly; every call fails
 * from then on.
 */
export const startThread = async (input: WorkerInput, onFault: (error: StoreError) => void): Promise<Thread> => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: input });
  await once(worker, 'message').catch((error: unknown) => {
    // An error loses its class on the way between threads, but keeps its fields.
    const { remedy = CHECK_DATA_DIR } = error as Partial<OperatorError>;
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
  /** Set by close(): resolved once no call is open. */
  let draining: PromiseWithResolvers<void> | undefined;
  let closing: Promise<void> | undefined;
  let closed = false;
  let ended: StoreError | undefined;

  const noteIdle = (): void => {
    if (underWay.length + waiting.length === 0) draining?.resolve();
  };

  const send = (): void => {
    clearImmediate(soon);
    clearTimeout(later);
    soon = later = undefined;
    while (underWay.length === 0 && waiting.length > 0) {
      underWay = post(worker, waiting.splice(0, MOST_IN_A_BATCH));
      urgent &&= waiting.length > 0;
    }
    noteIdle();
  };

  /** Sends later in this turn of the event loop, so that requests read together share a commit from the start. */
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
    noteIdle();
  };

  const broken = (error: StoreError): void => {
    if (ended) return;
    fail(error);
    onFault(error);
  };

  worker.on('message', (answers: readonly Answer[]) => {
    const answered = underWay;
    underWay = [];
    if (urgent || draining) send();
    else schedule();
    answered.forEach(({ resolve, reject }, index) => {
      const answer = answers[index];
      if (answer?.ok) resolve(answer.value);
      else reject(new StoreError(answer?.message ?? 'The database thread gave no answer.', answer?.errcode));
    });
  });
  worker.on('error', (error) => broken(new StoreError(`The database thread failed: ${messageOf(error)}`)));
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      if (closed) fail(new StoreError('The store is closed.'));
      else broken(new StoreError('The database thread ended unasked.'));
      resolve();
    });
  });

  const close = async (): Promise<void> => {
    draining = Promise.withResolvers();
    send();
    await draining.promise;
    if (ended) return;
    closed = true;
    worker.postMessage('close');
    await exited;
  };

  return {
    call: (method, args, haste = 'urgent') =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        waiting.push({ call: { method, args }, resolve, reject });
        urgent ||= haste === 'urgent';
        schedule();
      }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};

/**
 * Hands a batch to the thread and returns the calls that went. A call that can't be copied into another thread, as one with
 * data nested too deeply, is rejected; the others of its batch are none the worse for it.
 */
const post = (worker: Worker, batch: readonly Waiting[]): Waiting[] => {
  try {
    worker.postMessage(batch.map(({ call }) => call));
    return [...batch];
  } catch (error) {
    const uncopyable = batch.filter(({ call }) => !isCopyable(call));
    const refused = uncopyable.length > 0 ? uncopyable : batch;
    for (const { reject } of refused) reject(new StoreError(`The store can't take this: ${messageOf(error)}`));
    const left = batch.filter((each) => !refused.includes(each));
    return left.length > 0 ? post(worker, left) : [];
  }
};

const isCopyable = (call: Call): boolean => {
  try {
    structuredClone(call);
    return true;
  } catch {
    return false;
  }
};
