/*
 * The thread that owns one SQLite connection; started by thread.ts, and one of the few modules that act on import.
 *
 * A message is a batch of calls. The writer runs a batch in one transaction and answers only after the commit, which
 * syncs to disk: a group commit. Each call has its own savepoint, so that one which fails undoes none of the others.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../core/errors.ts';
import { type Answer, type Call, readerCalls, type WorkerInput, writerCalls } from './calls.ts';
import { openDatabase } from './database.ts';
import { knownIds } from './known-ids.ts';

const { file, role } = workerData as WorkerInput;

type Calls = Readonly<Record<string, (...args: never[]) => unknown>>;

const database = openDatabase(file, { readOnly: role === 'reader' });
const known = knownIds(database);
const calls = (role === 'writer' ? writerCalls(database, known) : readerCalls(database)) as unknown as Calls;

const failure = (error: unknown): Answer => ({
  ok: false,
  message: messageOf(error),
  errcode: (error as { errcode?: number }).errcode,
});

const answer = ({ method, args }: Call): Answer => {
  const call = calls[method];
  if (!call) return { ok: false, message: `The store has no call named ${method}.` };
  return { ok: true, value: call(...(args as never[])) };
};

const begin = database.prepare('BEGIN IMMEDIATE');
const commit = database.prepare('COMMIT');
const savepoint = database.prepare('SAVEPOINT one_call');
const release = database.prepare('RELEASE one_call');

const inSavepoint = (call: Call): Answer => {
  savepoint.run();
  try {
    const result = answer(call);
    release.run();
    return result;
  } catch (error) {
    // On a full disk or a failed read SQLite rolls the whole transaction back by itself: then the whole batch has failed.
    if (!database.inTransaction) throw error;
    database.exec('ROLLBACK TO one_call; RELEASE one_call');
    return failure(error);
  }
};

const inOneCommit = (batch: readonly Call[]): Answer[] => {
  try {
    known.tidy();
    begin.run();
    const answers = batch.map(inSavepoint);
    commit.run();
    return answers;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    return batch.map(() => failure(error));
  }
};

const each = (batch: readonly Call[]): Answer[] =>
  batch.map((call) => {
    try {
      return answer(call);
    } catch (error) {
      return failure(error);
    }
  });

parentPort?.on('message', (message: readonly Call[] | 'close') => {
  if (message === 'close') {
    database.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(role === 'writer' ? inOneCommit(message) : each(message));
});
parentPort?.postMessage('open');
