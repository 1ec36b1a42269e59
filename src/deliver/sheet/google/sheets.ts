import type { ClaimedDelivery, Receipt } from '../../../core/delivery.ts';
import { DeliveryError } from '../../../core/errors.ts';
import { createOneAtATime } from '../../../runtime/one-at-a-time.ts';
import type { DueDelivery, Turns } from '../../../store/ports.ts';
import type { AttemptTools } from '../../channel.ts';
import { noTurn } from '../no-turn.ts';
import { createSheetsApi, type SheetsApiDeps } from './api.ts';
import { contentOf, doubtOf, type GoogleRow, type GoogleSheetRow } from './row.ts';
import { type HeaderMemory, writeBatch } from './write-batch.ts';

/** Writes rows to Google Sheets; the part of the sheet channel for destinations that begin with GOOGLE_DESTINATION. */
export type GoogleSheets = {
  /** Adds or updates the row of a delivery, or throws a DeliveryError. */
  perform(
    delivery: Pick<ClaimedDelivery, 'id' | 'unclear'>,
    sheet: GoogleSheetRow,
    tools: AttemptTools,
  ): Promise<Receipt>;
  /** See Channel.admit. Reserves places of the lane for files while Google is slow, and waits where Google asked for it. */
  admit(due: readonly DueDelivery[], now: number): readonly number[];
  close(): Promise<void>;
};

export type GoogleSheetsDeps = SheetsApiDeps & {
  readonly memory: HeaderMemory;
  /** Locks shared with other processes that write to the same spreadsheets; in-process ones where absent. */
  readonly inTurn?: Turns['inTurn'] | undefined;
  /** How long an unanswered request may still be carried out, in milliseconds; Google ends requests after 180 seconds. */
  readonly lingering?: number;
};

/** A row's destination is `sheet:google:SPREADSHEET/TAB`. */
const GOOGLE_DESTINATION = 'sheet:google:';

const LINGERING = 200_000;
/** Fewer than the concurrency of the sheet channel, so that files don't wait for Google. */
const MOST_UNDER_WAY = 48;
const NEXT_LOOK = 500;
/** Google advises requests of up to 2 MB. */
const MOST_BYTES = 1_000_000;

/** Rows for one spreadsheet that arrive together are written as a batch; spreadsheets do not wait for one another. */
export const createGoogleSheets = ({
  memory,
  inTurn = createOneAtATime(),
  lingering = LINGERING,
  ...apiDeps
}: GoogleSheetsDeps): GoogleSheets => {
  const now = apiDeps.now ?? Date.now;
  const api = createSheetsApi(apiDeps);
  const deps = { api, memory, now, lingering };
  const queues = new Map<string, GoogleRow[]>();
  const writers = new Set<Promise<void>>();
  let underWay = 0;

  /** The single writer of a spreadsheet: runs until its queue is empty. */
  const drain = async (spreadsheet: string, queue: GoogleRow[]): Promise<void> => {
    while (queue.length > 0) {
      // Rows that are handed over in this tick join the batch.
      await new Promise((go) => setImmediate(go));
      const batch = takeBatch(queue).filter((row) => !row.isDropped());
      if (batch.length === 0) continue;
      await inTurn(`google ${spreadsheet}`, () => writeBatch(deps, spreadsheet, batch)).catch((error: unknown) => {
        for (const row of batch) row.reject(noTurn('this spreadsheet', row.doubt !== undefined, error));
      });
    }
    queues.delete(spreadsheet);
  };

  const enqueue = (spreadsheet: string, row: GoogleRow): void => {
    const queue = queues.get(spreadsheet);
    if (queue) {
      queue.push(row);
      return;
    }
    const begun = [row];
    queues.set(spreadsheet, begun);
    const writer = drain(spreadsheet, begun).finally(() => writers.delete(writer));
    writers.add(writer);
  };

  return {
    async perform({ id, unclear }, sheet, { signal, note }) {
      const content = contentOf(id, sheet);
      if (signal.aborted) throw stopped();
      const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
      const letGo = (): void => reject(stopped());
      signal.addEventListener('abort', letGo);
      underWay += 1;
      const row = { ...content, doubt: doubtOf(unclear), isDropped: () => signal.aborted, note, resolve, reject };
      enqueue(sheet.google, row);
      return promise.finally(() => {
        underWay -= 1;
        signal.removeEventListener('abort', letGo);
      });
    },
    admit(due, time) {
      let free = MOST_UNDER_WAY - underWay;
      const quietUntil = api.quietUntil();
      return due.map(({ destination }) => {
        if (!destination.startsWith(GOOGLE_DESTINATION)) return time;
        if (quietUntil > time) return quietUntil;
        free -= 1;
        return free >= 0 ? time : time + NEXT_LOOK;
      });
    },
    async close() {
      api.close();
      while (writers.size > 0) await Promise.all(writers);
    },
  };
};

const takeBatch = (queue: GoogleRow[]): GoogleRow[] => {
  let bytes = 0;
  const end = queue.findIndex((row, index) => {
    bytes += row.size;
    return index > 0 && bytes > MOST_BYTES;
  });
  return queue.splice(0, end === -1 ? queue.length : end);
};

/** The row may still be written, so the outcome is unclear. */
const stopped = (): DeliveryError =>
  new DeliveryError(
    'stopped',
    'The bot was stopped while the row was being written. It is looked for at the next start.',
    { verdict: 'retry', unclear: true },
  );
