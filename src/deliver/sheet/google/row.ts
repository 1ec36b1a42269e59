import type { ClaimedDelivery, Note, Receipt } from '../../../core/delivery.ts';
import { DeliveryError } from '../../../core/errors.ts';
import { cellText, MOST_CHARACTERS, sameText } from './requests.ts';

/** The header of a hidden column with delivery ids, by which rows without a key are found again. */
export const DELIVERY_COLUMN = 'webkasa-bot';

/** Stored before a write. `answered` is set after any answer of Google: the write is no longer in progress then. */
export type WriteNote = { readonly sentAt: number; readonly answered: boolean };

/** A row to be written. Settled once: later calls of `resolve` and `reject` have no effect. */
export type GoogleRow = {
  readonly tab: string;
  /** Texts by header, including the column of delivery ids. */
  readonly columns: readonly (readonly [header: string, text: string])[];
  readonly keyColumn: string;
  readonly key: string;
  /** Whether the row with this key is updated; otherwise a new one is added. */
  readonly keyed: boolean;
  /** The note of an earlier attempt that may have written it; undefined where there was none. */
  readonly doubt: WriteNote | undefined;
  /** Approximate size in a request, in bytes. */
  readonly size: number;
  isDropped(): boolean;
  note(note: WriteNote): Promise<void>;
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
};

type Content = Pick<GoogleRow, 'tab' | 'columns' | 'keyColumn' | 'key' | 'keyed' | 'size'>;

export type GoogleSheetRow = {
  readonly google: string;
  readonly tab: string;
  readonly key?: string;
  readonly columns: Readonly<Record<string, string>>;
};

/** The content of a delivery's row. Throws a permanent DeliveryError where Google would never accept it. */
export const contentOf = (id: string, { tab, key, columns }: GoogleSheetRow): Content => {
  const given = Object.entries(columns).map(([name, text]) => [name.trim(), cellText(text)] as const);
  const all = key === undefined ? [...given, [DELIVERY_COLUMN, id] as const] : given;
  const names = all.map(([name]) => sameText(name));
  if (given.length === 0 || new Set(names).size < names.length || names.includes('')) {
    throw permanent(
      'invalid_columns',
      'The rule writes a row whose columns are missing, nameless or named alike. Give each of sheet.columns its own name' +
        `${key === undefined ? `, and none of them ${DELIVERY_COLUMN}` : ''}.`,
    );
  }
  const long = all.find(([, text]) => text.length > MOST_CHARACTERS);
  if (long) {
    throw permanent(
      'cell_too_long',
      `The cell under "${long[0]}" holds ${long[1].length} characters; Google Sheets takes 50,000. Shorten it in the rule, ` +
        'with `| truncate: 50000`, and run the webhook again.',
    );
  }
  const keyColumn = sameText(key ?? DELIVERY_COLUMN);
  const keyText = sameText(all.find(([name]) => sameText(name) === keyColumn)?.[1] ?? '');
  if (keyText === '') {
    throw permanent('empty_key', `The row has nothing under its key "${keyColumn}", so it can't be told from others.`);
  }
  const size = all.reduce((sum, [, text]) => sum + Buffer.byteLength(text) + 50, 0);
  return { tab, columns: all, keyColumn, key: keyText, keyed: key !== undefined, size };
};

/** An attempt without a note has sent nothing, and leaves nothing in doubt. */
export const doubtOf = (unclear: ClaimedDelivery['unclear']): WriteNote | undefined => {
  const note: Note | null = unclear?.note ?? null;
  return note !== null && typeof note.sentAt === 'number'
    ? { sentAt: note.sentAt, answered: note.answered === true }
    : undefined;
};

const permanent = (code: string, message: string): DeliveryError =>
  new DeliveryError(code, message, { verdict: 'permanent' });
