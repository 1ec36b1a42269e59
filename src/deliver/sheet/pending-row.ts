import type { Note, Receipt } from '../../core/delivery.ts';
import type { RowNote } from './find-row.ts';
import type { SheetState } from './sheet-file.ts';

/** A row on its way into a file. Settled once: what is called after that has no effect. */
export type PendingRow = {
  readonly id: string;
  readonly columns: Readonly<Record<string, string>>;
  /** The column that names the row, where it is kept up to date; see update-rows.ts. */
  readonly key: string | undefined;
  /** What an attempt before noted that may have written this row; undefined where there was none, or it has been found out. */
  doubt: Note | null | undefined;
  /** Whether nobody waits for the row any more. */
  isDropped(): boolean;
  note(note: RowNote): Promise<void>;
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
};

/** Looks up and keeps what is known of one file between batches. */
export type SheetMemory = { get(): SheetState | undefined; set(state: SheetState): void };
