import { safeCell } from '../../core/csv.ts';
import { DeliveryError } from '../../core/errors.ts';

/** What two headers, or two keys, must share to be the same: the text as it stands in the file, but for outer spaces. */
export const columnKey = (name: string): string => safeCell(name).normalize('NFC').trim();

/** The header for a new file. Throws a permanent DeliveryError where the names can't head columns. */
export const headerOf = (columns: Readonly<Record<string, string>>): string[] => {
  const names = Object.keys(columns);
  const keys = new Set(names.map(columnKey));
  if (names.length > 0 && keys.size === names.length && !keys.has('')) return names.map(safeCell);
  throw new DeliveryError(
    'invalid_columns',
    'The rule writes a row whose columns are missing, nameless or named alike. Give each of sheet.columns its own name.',
    { verdict: 'permanent' },
  );
};

/** A row's cells in the order of a file's header, those the row lacks empty; or the columns that the file lacks. */
export const layOut = (
  header: readonly string[],
  columns: Readonly<Record<string, string>>,
): { readonly cells: string[] } | { readonly missing: string[] } => {
  const places = header.map(columnKey);
  const cells = header.map(() => '');
  const missing: string[] = [];
  for (const [name, value] of Object.entries(columns)) {
    const place = places.indexOf(columnKey(name));
    if (place === -1) missing.push(name);
    else cells[place] = safeCell(value);
  }
  return missing.length > 0 ? { missing } : { cells };
};

/**
 * What names a row: the value under the key column as it stands in a file. Throws a permanent DeliveryError where the rule
 * writes no such column, or nothing into it: then every row would be the same one.
 */
export const keyOf = (key: string, columns: Readonly<Record<string, string>>): string => {
  const [, value] = Object.entries(columns).find(([name]) => columnKey(name) === columnKey(key)) ?? [];
  const text = value === undefined ? undefined : columnKey(value);
  if (text) return text;
  throw new DeliveryError(
    'invalid_key',
    `The rule names "${key}" as sheet.key, ${text === undefined ? 'which is none of sheet.columns' : 'and this row has nothing there'}: ` +
      'no row could be found by it. Let sheet.key name a column that is never empty, such as one with {{ data.id }}.',
    { verdict: 'permanent' },
  );
};
