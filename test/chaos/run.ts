import { parseArgs } from 'node:util';
import { killAndAudit } from './kill.ts';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '100' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 100_000);
console.log(`seed ${seed}: run again with --seed ${seed}`);
const counts = await killAndAudit({ kills: Number(values.kills), seed, log: (line) => console.log(line) });
console.log(counts);
process.exitCode = counts.faults.length > 0 ? 1 : 0;
