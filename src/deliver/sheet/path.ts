import { resolve, sep } from 'node:path';
import { DeliveryError } from '../../core/errors.ts';

/** Where a sheet is stored: `file` is its normalised name inside `folder`, `path` the absolute path. */
export type SheetPath = { readonly folder: string; readonly file: string; readonly path: string };

/** File systems allow 255 bytes per name; the rest is for the affixes of drafts and other files beside the sheet. */
const MOST_BYTES_A_NAME = 200;
const MOST_BYTES = 500;

const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
/** Controls, direction marks, line separators, halves of characters, and what Windows and its shares refuse. */
const UNUSABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff<>:"|?*]/u;

/**
 * Turns the file name that a rule rendered, which may contain what an attendee typed, into a path below `folder`. Pure:
 * symbolic links are refused when the file is opened. Throws a permanent DeliveryError for a name that could leave the
 * folder, be hidden in it or be invalid on another system; its message contains no part of the name.
 */
export const resolveSheetPath = (folder: string, file: string): SheetPath => {
  const name = file.trim().normalize('NFC');
  const problem = problemOf(name);
  const path = resolve(folder, name);
  if (problem === undefined && path.startsWith(withSeparator(resolve(folder)))) {
    return { folder: resolve(folder), file: name, path };
  }
  throw new DeliveryError(
    'invalid_file_name',
    `The file name that the rule made can't be used: ${problem ?? 'it leads out of the folder'}. ` +
      'Mend sheet.file in the rule: a name like bookings.csv or 2027/bookings.csv, and for text that a guest typed ' +
      'the filter slugify, as in {{ data.title | slugify }}.csv.',
    { verdict: 'permanent' },
  );
};

const problemOf = (name: string): string | undefined => {
  if (name === '') return 'it is empty';
  if (name.startsWith('/')) return 'it begins with a slash';
  if (name.includes('\\')) return 'it holds a backslash';
  if (Buffer.byteLength(name) > MOST_BYTES) return `it is longer than ${MOST_BYTES} bytes`;
  for (const part of name.split('/')) {
    const problem = problemOfPart(part);
    if (problem !== undefined) return problem;
  }
  return name.endsWith('.csv') ? undefined : 'it does not end in .csv';
};

const problemOfPart = (part: string): string | undefined => {
  if (part === '') return 'a folder in it has no name';
  if (part === '.' || part === '..') return `it holds the step "${part}"`;
  if (part.startsWith('.')) return 'a name in it begins with a dot';
  if (part !== part.trim() || part.endsWith('.')) return 'a name in it begins or ends with a space, or ends with a dot';
  if (UNUSABLE.test(part)) return 'it holds a character that is not for file names';
  if (RESERVED.test(part)) return 'it holds a name that is reserved on Windows';
  if (Buffer.byteLength(part) > MOST_BYTES_A_NAME) return `a name in it is longer than ${MOST_BYTES_A_NAME} bytes`;
  return undefined;
};

const withSeparator = (path: string): string => (path.endsWith(sep) ? path : path + sep);
