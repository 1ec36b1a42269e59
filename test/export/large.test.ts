import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse';
import { expect, test } from 'vitest';
import { aFile, partsIn } from './workbooks.ts';

const run = promisify(execFile);
const CHILD = join(import.meta.dirname, 'large-child.ts');
const ROWS = 100_000;
/** Far less than the rows take: 24 MB. */
const SMALL = '--max-old-space-size=24';

test.each(['csv', 'xlsx'])(
  '100,000 rows become %s in little memory, none missing',
  async (format) => {
    const file = await aFile(`large.${format}`);
    const { stdout } = await run(process.execPath, [SMALL, CHILD, file, `${ROWS}`], { timeout: 110_000 });
    expect(Number(stdout)).toBeLessThan(200_000);
    if (format === 'csv') {
      let count = 0;
      for await (const _ of createReadStream(file).pipe(parse())) count += 1;
      expect(count).toBe(ROWS + 1);
    } else {
      const xml = (await partsIn(file)).get('xl/worksheets/sheet1.xml') ?? '';
      expect(xml.match(/<\/row>/g)).toHaveLength(ROWS + 1);
      expect(xml).toContain(`<row r="${ROWS + 1}"><c r="A${ROWS + 1}"`);
      expect(xml.endsWith('</worksheet>')).toBe(true);
    }
  },
  120_000,
);
