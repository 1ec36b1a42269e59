import { dirname } from 'node:path';
import { OperatorError } from '../../core/errors.ts';
import { makeFolder } from '../../runtime/make-folder.ts';
import { createOneAtATime } from '../../runtime/one-at-a-time.ts';
import { toClaimed } from '../claimed.ts';
import type { Store } from '../ports.ts';
import type { ReaderCalls, WriterCalls } from './calls.ts';
import { lockFile } from './database.ts';
import { StoreError, startThread, type Thread } from './thread.ts';

type Async<Calls> = {
  [Name in keyof Calls]: Calls[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : never;
};

/**
 * Opens the store in one SQLite file, which is created where it does not exist. Writing has a thread of its own, and so has
 * reading (started by the first question), so that neither a slow disk nor a long search holds up the event loop or the other.
 * With `alone`, throws an OperatorError where another process has it open that way: two bots on one file would perform
 * deliveries twice. `onFault` is called when the writing thread has died; only opening the store again helps then.
 */
export const openSqliteStore = async (
  file: string,
  options: { readonly alone?: boolean; readonly onFault?: (error: Error) => void } = {},
): Promise<Store> => {
  await makeFolder(dirname(file));
  const lock = options.alone ? lockStore(file) : undefined;
  const writing = await startThread({ file, role: 'writer' }, (error) => options.onFault?.(error)).catch(
    (error: unknown) => {
      lock?.release();
      throw error;
    },
  );
  let reading: Promise<Thread> | undefined;
  let closed = false;
  const reader = (): Promise<Thread> => {
    if (closed) throw new StoreError('The store is closed.');
    const dropReader = (): void => {
      reading = undefined;
    };
    reading ??= startThread({ file, role: 'reader' }, dropReader).catch((error: unknown) => {
      dropReader();
      throw error;
    });
    return reading;
  };

  const write = callsOf<WriterCalls>((method, args) => writing.call(method, args));
  const writeSoon = callsOf<WriterCalls>((method, args) => writing.call(method, args, 'patient'));
  const read = callsOf<ReaderCalls>(async (method, args) => (await reader()).call(method, args));

  return {
    accept: ({ id, type, receivedAt, body }) =>
      write('accept')(
        id,
        type,
        receivedAt,
        Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'),
      ),
    recordRejections: write('recordRejections'),
    unrouted: write('unrouted'),
    getResource: write('getResource'),
    saveRouting: write('saveRouting'),
    due: write('due'),
    postpone: write('postpone'),
    claim: async (ids, now) => (await write('claim')(ids, now)).map(toClaimed),
    note: write('note'),
    // Only the next delivery of the same key waits for an outcome to be recorded.
    settle: writeSoon('settle'),
    recoverRunning: write('recoverRunning'),
    // Other processes on the file are calls of the command line: none of them performs deliveries.
    recoverLost: async () => 0,
    inTurn: createOneAtATime(),
    nextDue: write('nextDue'),
    setPause: write('setPause'),
    getPause: write('getPause'),
    getCard: write('getCard'),
    saveCard: write('saveCard'),
    registrations: read('registrations'),
    getThread: write('getThread'),
    saveThread: write('saveThread'),
    getInvite: write('getInvite'),
    saveInvite: write('saveInvite'),
    refusedAddress: write('refusedAddress'),
    refuseAddress: write('refuseAddress'),
    refusedAddresses: read('refusedAddresses'),
    registered: read('registered'),
    allowAddress: write('allowAddress'),
    retry: write('retry'),
    rerun: write('rerun'),
    recordAct: write('recordAct'),
    acts: read('acts'),
    search: read('search'),
    story: read('story'),
    failed: read('failed'),
    died: read('died'),
    deliveries: read('deliveries'),
    together: read('together'),
    status: read('status'),
    exportResources: read('exportResources'),
    exportDeliveries: read('exportDeliveries'),
    forget: write('forget'),
    giveBack: write('giveBack'),
    rewrite: write('rewrite'),
    forgettable: read('forgettable'),
    size: read('size'),
    rows: read('rows'),
    rowsWith: read('rowsWith'),
    rowsHolding: read('rowsHolding'),
    async [Symbol.asyncDispose]() {
      closed = true;
      await (await reading?.catch(() => undefined))?.close();
      await writing.close();
      lock?.release();
    },
  };
};

const lockStore = (file: string): { release(): void } => {
  const lock = lockFile(`${file}.lock`);
  if (lock) return lock;
  throw new OperatorError(`Another webkasa-bot is running on ${dirname(file)}.`, {
    remedy: 'Stop it first, or give this one a DATA_DIR of its own.',
  });
};

const callsOf =
  <Calls>(call: (method: string, args: readonly unknown[]) => Promise<unknown>) =>
  <Name extends keyof Calls & string>(name: Name): Async<Calls>[Name] =>
    ((...args: unknown[]) => call(name, args)) as Async<Calls>[Name];
