import type { Note, Receipt } from '../../core/delivery.ts';
import type { RowNote } from './find-row.ts';
import type { SheetState } from './sheet-file.ts';

/** A row to be written. Settled once: later calls of `resolve` and `reject` have no effect. */
export type PendingRow = {
  readonly id: string;
  readonly columns: Readonly<Record<string, string>>;
  /** The key column, where the row is updated in place; see update-rows.ts. */
  readonly key: string | undefined;
  /**
   * The note of an earlier attempt with an unclear outcome, null if it kept none. undefined where there was no such attempt,
   * or once it is known what it wrote.
   */
  doubt: Note | null | undefined;
  /** Whether the attempt was aborted. */
  isDropped(): boolean;
  note(note: RowNote): Promise<void>;
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
};

/** Caches the state of one file between batches. */
export type SheetMemory = { get(): SheetState | undefined; set(state: SheetState): void };
