import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { Table } from '../../src/export/table.ts';
import { writeXlsx } from '../../src/export/xlsx.ts';

const run = promisify(execFile);

/** A file name in a folder that goes away with the test. */
export const aFile = async (name: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'export-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, name);
};

export const aWorkbook = async (table: Table, options?: { readonly mostRows?: number }): Promise<string> => {
  const file = await aFile('export.xlsx');
  await writeXlsx(table, createWriteStream(file), options);
  return file;
};

/** The parts of a package, by the list at its end (APPNOTE.TXT 4.3.12), so independent of what wrote it. */
export const partsIn = async (file: string): Promise<ReadonlyMap<string, string>> => {
  const bytes = await readFile(file);
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const parts = new Map<string, string>();
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [size, name, extra, comment] = [20, 28, 30, 32].map((place, index) =>
      index === 0 ? bytes.readUInt32LE(at + place) : bytes.readUInt16LE(at + place),
    ) as [number, number, number, number];
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = inflateRawSync(bytes.subarray(start, start + size));
    parts.set(bytes.toString('utf8', at + 46, at + 46 + name), content.toString('utf8'));
    at += 46 + name + extra + comment;
  }
  return parts;
};

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Text as ST_Xstring has it: XML's references first, then `_xHHHH_`. */
export const readText = (xml: string): string =>
  xml
    .replace(/&(\w+);/g, (_, name: string) => NAMED[name] ?? '?')
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** The texts and numbers of a sheet, by reference. */
export const cellsIn = (xml: string): ReadonlyMap<string, string | number> =>
  new Map(
    [
      ...xml.matchAll(
        /<c r="([A-Z]+\d+)" s="\d+"(?: t="inlineStr"><is><t xml:space="preserve">([^<]*)<\/t><\/is>|><v>([^<]*)<\/v>)<\/c>/g,
      ),
    ].map(([, reference = '', text, number]) => [reference, text === undefined ? Number(number) : readText(text)]),
  );

/** Where LibreOffice is, if anywhere: tests that need it say so in their names, and are skipped elsewhere. */
export const OFFICE = '/usr/bin/soffice';

/**
 * A workbook's first sheet, or a CSV, as LibreOffice shows it once it has opened it, as CSV with every text quoted; formulas
 * in place of values on demand.
 */
export const throughLibreOffice = async (file: string, { formulas = false } = {}): Promise<string> => {
  const folder = dirname(file);
  const shown = join(folder, formulas ? 'formulas' : 'shown');
  // Field separator, text delimiter, UTF-8, first line, column formats, language, quote all text, as shown, formulas.
  const filter = `csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,${formulas}`;
  // As it opens a file by itself, but that it takes it for UTF-8: numbers and dates are found, formulas run.
  const open = file.endsWith('.csv') ? ['--infilter=Text - txt - csv (StarCalc):44,34,76,1,,0,false,true'] : [];
  const profile = `-env:UserInstallation=file://${folder}/profile`;
  await run(OFFICE, [profile, '--headless', ...open, '--convert-to', filter, '--outdir', shown, file], {
    timeout: 120_000,
  });
  return await readFile(join(shown, basename(file).replace(/\.xlsx$/, '.csv')), 'utf8');
};
