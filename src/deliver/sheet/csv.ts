import { safeCell } from '../../core/csv.ts';
import { DeliveryError } from '../../core/errors.ts';

/** The normal form in which headers and keys are compared: as written to the file, without surrounding spaces. */
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

/** A row's cells in the order of a file's header, empty for columns the row lacks; or the columns that the file lacks. */
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
 * A row's key: the value in its key column, in normal form. Throws a permanent DeliveryError where the rule writes no such
 * column, or an empty cell: all those rows would be taken for one.
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
