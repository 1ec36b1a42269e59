import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf, OperatorError } from '../core/errors.ts';
import { nearest } from '../core/suggest.ts';
import { csvOf } from '../export/csv.ts';
import { FORMATS, type Format, writeTable } from '../export/file.ts';
import { EXPORTS, type ExportName, readTable } from '../export/read-table.ts';
import type { Table } from '../export/table.ts';
import { visible } from '../query/cli/visible.ts';
import { dayStart } from '../query/days.ts';
import { readDay } from '../query/search-days.ts';
import type { Span } from '../store/export-ports.ts';
import { command, UsageError } from './command.ts';
import type { Context, Output } from './context.ts';
import { withStore } from './with-store.ts';

export const exportCommand = command({
  name: 'export',
  summary: 'write bookings and the like as CSV or XLSX',
  args: 'WHAT',
  count: [0, 1],
  options: {
    from: { type: 'string', value: 'DAY', help: 'only from this day on' },
    to: { type: 'string', value: 'DAY', help: 'only up to this day, which is included' },
    format: { type: 'string', value: FORMATS.join('|'), help: 'csv, unless FILE ends in .xlsx' },
    out: { type: 'string', value: 'FILE', help: 'where to write to; CSV goes to the standard output without' },
  },
  json: false,
  more: [
    'WHAT is bookings, registrations, events or deliveries.',
    'Bookings and events are of a period by the day on which they start, registrations by the day on which they came, and deliveries by the day on which they were planned, all in TIMEZONE. Days are written as in search: 2027-02-15, today, last-week.',
    'In XLSX dates and numbers are such, and times are those of TIMEZONE, as the headings say. A booking has its local start and end besides, in the zone that stands beside them. In CSV times are written as 2027-02-15T11:00:00+01:00. Nothing that an attendee typed can become a formula in either.',
  ],
  examples: [
    'export bookings --from 2027-02-01 --to 2027-02-28 --out february.xlsx',
    'export registrations > registrations.csv',
    'export deliveries --from yesterday --format csv',
  ],
  run: async ({ values, args: [what = ''] }, context) => {
    const name = exportName(what);
    const format = formatOf(values.format, values.out);
    if (format === 'xlsx' && values.out === undefined) {
      throw new UsageError(`XLSX is written to a file only: --out ${name}.xlsx`, 'export');
    }
    const span = spanOf(values.from, values.to, context);
    const progress = progressOn(context.err);
    try {
      await withStore(context, async (store) => {
        const zone = context.config().timezone;
        const table = readTable(store, { what: name, span, zone, onProgress: progress.tell });
        if (values.out === undefined) await printCsv(table, context.out);
        else await writeFile(table, format, values.out);
      });
    } finally {
      progress.clear();
    }
    if (values.out !== undefined) context.err.write(`${progress.rows()} ${name} in ${visible(values.out)}\n`);
    return 0;
  },
});

const exportName = (what: string): ExportName => {
  const name = EXPORTS.find((one) => one === what);
  if (name) return name;
  if (what === '') throw new UsageError(`export needs to know what: ${EXPORTS.join(', ')}.`, 'export');
  const near = nearest(what, EXPORTS);
  throw new UsageError(
    `export knows ${EXPORTS.join(', ')}, not "${what}".${near ? ` Did you mean ${near}?` : ''}`,
    'export',
  );
};

const formatOf = (written: string | undefined, file: string | undefined): Format => {
  if (written === undefined) return file?.toLowerCase().endsWith('.xlsx') ? 'xlsx' : 'csv';
  const format = FORMATS.find((one) => one === written.toLowerCase());
  if (format) return format;
  throw new UsageError(`--format is csv or xlsx, not "${written}".`, 'export');
};

const spanOf = (from: string | undefined, to: string | undefined, { now, config }: Context): Span => {
  const { timezone } = config();
  const read = (option: string, written: string): Temporal.PlainDate => {
    const answer = readDay(written, { now: now(), timezone });
    if ('day' in answer) return answer.day;
    throw new UsageError(`--${option} "${written}" ${answer.problem}`, 'export');
  };
  const span = {
    from: from === undefined ? null : dayStart(read('from', from), timezone),
    to: to === undefined ? null : dayStart(read('to', to).add({ days: 1 }), timezone),
  };
  if (span.from !== null && span.to !== null && span.from >= span.to) {
    throw new UsageError(`--from "${from}" is a later day than --to "${to}".`, 'export');
  }
  return span;
};

/** Counts the rows; on a terminal it shows the count on one line. */
const progressOn = (err: Output) => {
  let rows = 0;
  return {
    rows: () => rows,
    tell: (read: number): void => {
      rows = read;
      if (err.isTTY) err.write(`\r${read.toLocaleString('en-US')} rows…`);
    },
    clear: (): void => {
      if (err.isTTY) err.write('\r\x1b[K');
    },
  };
};

const printCsv = async (table: Table, out: Output): Promise<void> => {
  if (out instanceof Writable) {
    await pipeline(Readable.from(csvOf(table)), out, { end: false });
    return;
  }
  for await (const chunk of csvOf(table)) out.write(chunk);
};

const writeFile = async (table: Table, format: Format, file: string): Promise<void> => {
  const stopping = new AbortController();
  // Only the first signal is handled: a second one ends the process at once.
  const onSignal = (): void => stopping.abort(stopped(file));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    await writeTable(table, format, file, stopping.signal);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? notWritten(file, error) : error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
};

const stopped = (file: string): OperatorError =>
  new OperatorError(`The export was stopped. Nothing was written to ${visible(file)}.`, {
    remedy: 'Start it again to have the file.',
  });

const NO_SPACE: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

const notWritten = (file: string, cause: Error): OperatorError => {
  const full = 'code' in cause && NO_SPACE.includes(cause.code);
  return new OperatorError(
    `${visible(file)} could not be written${full ? ', since there is no space left for it' : ''}: ${messageOf(cause)}`,
    {
      remedy: full
        ? 'Free some space, export a shorter period with --from and --to, or name a file on another disk with --out.'
        : 'Name another file with --out, in a folder that is there and may be written to.',
      cause,
    },
  );
};
