import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchAccept } from './accept.ts';
import { benchDeliver } from './deliver.ts';
import { benchSearch } from './search.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    webhooks: { type: 'string', default: '4000' },
    bookings: { type: 'string', default: '1000000' },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const log = (line: string): void => console.log(line);

log(`${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`);
const wanted = (name: string): boolean => values.only === undefined || values.only === name;

if (wanted('accept')) {
  log('\naccepting webhooks, 64 connections, everything durable');
  await benchAccept({ rounds, seconds: Number(values.seconds), log });
}
if (wanted('deliver')) {
  log('\none webhook → one mail and one Slack post, recorded');
  await benchDeliver({ rounds, webhooks: Number(values.webhooks), log });
}
if (wanted('search')) {
  log('\nsearching, and why');
  await benchSearch({ bookings: Number(values.bookings), log });
}
