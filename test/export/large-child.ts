import { writeTable } from '../../src/export/file.ts';
import type { Cell } from '../../src/export/table.ts';
import { aTable, aText } from './tables.ts';

/*
 * A process of its own, whose memory can be kept small: `node large-child.ts FILE ROWS` writes that many rows, and prints
 * the most memory it took, in kilobytes.
 */
const [file = '', count = '0'] = process.argv.slice(2);

function* rows(): Generator<readonly Cell[]> {
  for (let number = 0; number < Number(count); number += 1) {
    yield [
      aText(`bk_${number}`),
      { kind: 'time', value: Date.UTC(2027, 0, 1) + number * 60_000 },
      { kind: 'number', value: number },
      ...Array.from({ length: 9 }, (_, place) => aText(`=${Math.sin(number + place)} of some text`)),
    ];
  }
}

const kinds = ['text', 'time', 'number', ...Array.from({ length: 9 }, () => 'text' as const)] as const;
const format = file.endsWith('.xlsx') ? 'xlsx' : 'csv';
await writeTable(aTable(rows(), kinds), format, file, new AbortController().signal);
process.stdout.write(`${process.resourceUsage().maxRSS}\n`);
