import { DeliveryError } from '../../core/errors.ts';

/** What each errno means for a sheet, as the end of "The row for FILE could not be written: …", and what to do. */
const FAILURES: Readonly<Record<string, readonly [code: string, meaning: string]>> = {
  ENOSPC: ['disk_full', 'the disk is full. Free some space'],
  EDQUOT: ['disk_full', 'the disk quota is used up. Free some space, or raise the quota'],
  EFBIG: [
    'file_too_large',
    'the file has reached the largest size allowed. Rename it, so that a new one is begun, or raise the limit (ulimit -f)',
  ],
  EACCES: ['no_permission', 'the bot has no permission. Let the user it runs as write to the file and its folder'],
  EPERM: ['no_permission', 'the system does not permit it. Let the user it runs as write to the file and its folder'],
  EROFS: ['read_only', 'the disk can only be read. Mount it for writing'],
  EISDIR: ['not_a_file', 'something that is no file, a folder say, has its name. Rename that, or the file in the rule'],
  ENOTDIR: ['not_a_folder', 'a file stands where its folder has to be. Rename the file, or the folder in the rule'],
  EEXIST: ['not_a_folder', 'a file stands where its folder has to be. Rename the file, or the folder in the rule'],
  ENOENT: ['folder_missing', 'its folder went away. Put DATA_DIR back where it was, or set it anew'],
  ENAMETOOLONG: ['name_too_long', 'the path is too long for this disk. Give the file in the rule a shorter name'],
  EMFILE: ['too_many_files', 'too many files are open. Raise the limit (ulimit -n) if this goes on'],
  ENFILE: ['too_many_files', 'too many files are open on this computer'],
  EIO: ['disk_error', 'the disk reports an error. Look at the system log and the disk'],
  EBUSY: ['file_busy', 'another program holds the file. Close it there'],
  ETXTBSY: ['file_busy', 'another program holds the file. Close it there'],
};

/** A symbolic link could lead out of the folder, and give one file two names and so two writers. */
export const linkFailure = (file: string): DeliveryError =>
  new DeliveryError(
    'symbolic_link',
    `The row for ${file} was not written: the file, or a folder of its path, is a symbolic link, which could lead out of ` +
      'the folder for sheets. Replace it by a real one; to keep all sheets elsewhere, link DATA_DIR/sheets itself.',
    { verdict: 'permanent' },
  );

/**
 * Any failure to write to `file` as a DeliveryError. Failures of the disk are retried, since somebody mends them sooner or
 * later. `unclear` says that the row may be in the file all the same.
 */
export const sheetFailure = (error: unknown, file: string, unclear: boolean): DeliveryError => {
  if (error instanceof DeliveryError) {
    const { code, message, verdict, retryAfterMs, cause } = error;
    const pause = retryAfterMs === undefined ? {} : { retryAfterMs };
    return new DeliveryError(code, message, { verdict, ...pause, unclear: unclear || error.unclear, cause });
  }
  const errno = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (errno === 'ELOOP') return linkFailure(file);
  const [code, meaning] = FAILURES[errno] ?? [
    'sheet_failed',
    `${errno || 'an unexpected failure'}. If this goes on, look at the disk that holds DATA_DIR/sheets`,
  ];
  return new DeliveryError(code, `The row for ${file} could not be written: ${meaning}. It is tried again by itself.`, {
    verdict: 'retry',
    unclear,
    cause: error,
  });
};

/** The file's header lacks columns that the rule writes. */
export const columnsChanged = (file: string, missing: readonly string[], header: readonly string[]): DeliveryError => {
  const names = missing.map((name) => `"${name}"`).join(', ');
  const separated = header.length === 1 && /[;\t]/.test(header[0] ?? '');
  const hint = separated ? ' Its first line is not separated by commas: was it saved with another separator?' : '';
  return new DeliveryError(
    'columns_changed',
    `The first line of ${file} has no column ${names}.${hint} Add it there, or rename the file, so that a new one is ` +
      'begun. The row waits until then.',
    { verdict: 'retry' },
  );
};

/** The header no longer has columns that the bot filled before. Adding them again would split their data. */
export const columnRenamed = (file: string, names: readonly string[]): DeliveryError => {
  const listed = names.map((name) => `"${name}"`).join(', ');
  return new DeliveryError(
    'columns_changed',
    `${file} had the column ${listed}, and has it no longer: it was renamed or removed. Give it that name again in the ` +
      'first line, or put its new name into sheet.columns of the rule. The row waits until then.',
    { verdict: 'retry' },
  );
};

/** An unclosed quote makes the rows below part of its cell; where to close it would be a guess. */
export const openQuote = (file: string, line: number): DeliveryError =>
  new DeliveryError(
    'open_quote',
    `Line ${line} of ${file} opens a quote (") that it does not close, so that what is below becomes part of one cell. Close ` +
      'it there, or take it away. The row waits until then.',
    { verdict: 'retry' },
  );
