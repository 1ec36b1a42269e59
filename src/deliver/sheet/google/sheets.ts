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
  /** See Channel.admit. Keeps places free for files while Google is slow, and keeps quiet where Google asked for it. */
  admit(due: readonly DueDelivery[], now: number): readonly number[];
  close(): Promise<void>;
};

export type GoogleSheetsDeps = SheetsApiDeps & {
  readonly memory: HeaderMemory;
  /** Where other processes write to the same spreadsheets, turns that they take too. */
  readonly inTurn?: Turns['inTurn'] | undefined;
  /** How long a request without an answer may still be carried out; Google ends every request after 180 seconds. */
  readonly lingering?: number;
};

/** `sheet:google:SPREADSHEET/TAB` is the destination of a row. */
export const GOOGLE_DESTINATION = 'sheet:google:';

const LINGERING = 200_000;
/** Fewer than the channel has places, so that files don't wait for Google. */
const MOST_UNDER_WAY = 48;
const NEXT_LOOK = 500;
/** Google advises requests of up to 2 MB. */
const MOST_BYTES = 1_000_000;

/** Rows for a spreadsheet that come at the same time are written together; spreadsheets do not wait for one another. */
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

  /** The one writer of a spreadsheet: goes on as long as rows come in. */
  const drain = async (spreadsheet: string, queue: GoogleRow[]): Promise<void> => {
    while (queue.length > 0) {
      // Lets everything that is being handed over now join the batch.
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

/** A row under way may still be written: the next attempt looks. */
const stopped = (): DeliveryError =>
  new DeliveryError(
    'stopped',
    'The bot was stopped while the row was being written. It is looked for at the next start.',
    { verdict: 'retry', unclear: true },
  );
