import { resolve } from 'node:path';
import type { PlannedAction, PlannedSheet, Receipt } from '../../core/delivery.ts';
import { DeliveryError } from '../../core/errors.ts';
import { createOneAtATime } from '../../runtime/one-at-a-time.ts';
import type { Turns } from '../../store/ports.ts';
import type { Channel } from '../channel.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { headerOf, keyOf } from './csv.ts';
import type { GoogleSheets } from './google/sheets.ts';
import { noTurn } from './no-turn.ts';
import { resolveSheetPath, type SheetPath } from './path.ts';
import type { PendingRow } from './pending-row.ts';
import type { SheetState } from './sheet-file.ts';
import { writeRows } from './write-rows.ts';

const CONCURRENCY = 64;
/** Files whose state is cached between batches; of others the header is read again. */
const MOST_STATES = 256;

/**
 * Appends one row per delivery to a CSV file below `folder`, or with a key column updates the row of that key; synced to disk
 * before the receipt. Rows for one file that arrive together are written and synced as a batch, in their order; files do not
 * wait for one another. Processes that share a folder have to share `inTurn` too.
 */
export const createSheetChannel = ({
  folder,
  google,
  inTurn = createOneAtATime(),
  now = Date.now,
}: {
  readonly folder: string;
  /** Writes to Google Sheets; absent where no service account is configured. */
  readonly google?: GoogleSheets | undefined;
  readonly inTurn?: Turns['inTurn'] | undefined;
  readonly now?: () => number;
}): Channel => {
  const root = resolve(folder);
  const states = new Map<string, SheetState>();
  const queues = new Map<string, PendingRow[]>();
  const writers = new Set<Promise<void>>();

  const memoryOf = (path: string) => ({
    get: () => states.get(path),
    set: (state: SheetState) => {
      // Deleted first, to make it the map's last entry: the first is the least recently used.
      states.delete(path);
      states.set(path, state);
      for (const oldest of states.keys()) {
        if (states.size <= MOST_STATES) break;
        states.delete(oldest);
      }
    },
  });

  /** The single writer of a file: runs until its queue is empty. */
  const drain = async (place: SheetPath, queue: PendingRow[]): Promise<void> => {
    while (queue.length > 0) {
      // Rows that are handed over in this tick join the batch.
      await new Promise((go) => setImmediate(go));
      const rows = takeAlike(queue);
      await inTurn(`sheet ${place.path}`, () => writeRows(place, rows, memoryOf(place.path), now)).catch(
        (error: unknown) => {
          for (const row of rows) row.reject(noTurn(place.file, row.doubt !== undefined, error));
        },
      );
    }
    queues.delete(place.path);
  };

  const enqueue = (place: SheetPath, row: PendingRow): void => {
    const queue = queues.get(place.path);
    if (queue) {
      queue.push(row);
      return;
    }
    const begun = [row];
    queues.set(place.path, begun);
    const writer = drain(place, begun).finally(() => writers.delete(writer));
    writers.add(writer);
  };

  return {
    kind: 'sheet',
    concurrency: CONCURRENCY,
    fingerprint: ({ action }) => fingerprintOf(plannedSheet(action)),
    ...(google && { admit: google.admit }),
    async perform({ id, action, unclear }, tools) {
      const { signal, note } = tools;
      const sheet = plannedSheet(action);
      if ('google' in sheet) {
        if (!google) throw noGoogle();
        const receipt = await google.perform({ id, unclear }, sheet, tools);
        return { ...receipt, fingerprint: fingerprintOf(sheet) };
      }
      const place = resolveSheetPath(root, sheet.file);
      headerOf(sheet.columns);
      if (sheet.key !== undefined) keyOf(sheet.key, sheet.columns);

      const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
      const letGo = (): void => reject(stopped());
      signal.addEventListener('abort', letGo);
      const isDropped = (): boolean => signal.aborted;
      const doubt = unclear === null ? undefined : unclear.note;
      if (signal.aborted) letGo();
      else enqueue(place, { id, columns: sheet.columns, key: sheet.key, doubt, isDropped, note, resolve, reject });
      const receipt = await promise.finally(() => signal.removeEventListener('abort', letGo));
      return { ...receipt, fingerprint: fingerprintOf(sheet) };
    },
    async close() {
      await google?.close();
      while (writers.size > 0) await Promise.all(writers);
    },
  };
};

/** Takes the leading rows that form one batch: those with the same key column, or with none. */
const takeAlike = (queue: PendingRow[]): PendingRow[] => {
  const other = queue.findIndex(({ key }) => key !== queue[0]?.key);
  return queue.splice(0, other === -1 ? queue.length : other);
};

const plannedSheet = (action: PlannedAction): PlannedSheet => {
  if (action.kind === 'sheet') return action.sheet;
  throw new TypeError(`A sheet channel was handed a delivery for ${action.kind}`);
};

/** For deliveries planned before the service account was removed from the configuration. */
const noGoogle = (): DeliveryError =>
  new DeliveryError(
    'google_not_configured',
    'Google Sheets is not configured: set GOOGLE_SERVICE_ACCOUNT_FILE and start the bot anew. The row waits.',
    { verdict: 'retry' },
  );

/** The row may still be written, so the outcome is unclear. */
const stopped = (): DeliveryError =>
  new DeliveryError(
    'stopped',
    'The bot was stopped while the row was being written. It is looked for at the next start.',
    {
      verdict: 'retry',
      unclear: true,
    },
  );
