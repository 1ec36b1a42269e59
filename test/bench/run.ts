import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchAccept } from './accept.ts';
import { benchDeliver } from './deliver.ts';
import { benchMemory } from './memory.ts';
import { benchSearch } from './search.ts';
import { settingsOf } from './settings.ts';
import { openStores } from './stores.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    webhooks: { type: 'string', default: '4000' },
    stored: { type: 'string', default: '1000000' },
    processes: { type: 'string', default: '1,2,4' },
    store: { type: 'string' },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const stored = Number(values.stored);
const processes = values.processes.split(',').map(Number);
const log = (line: string): void => console.log(line);

log(`${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`);
const chosen = (option: string, value: string | undefined, names: readonly string[]): readonly string[] => {
  const given = value?.split(',') ?? names;
  const other = given.find((name) => !names.includes(name));
  if (other !== undefined) throw new Error(`--${option} ${other}: there are ${names.join(', ')}.`);
  return given;
};
const kinds = chosen('store', values.store, ['sqlite', 'postgresql']);
const benches = chosen('only', values.only, ['deliver', 'memory', 'accept', 'search']);
const wanted = (name: string): boolean => benches.includes(name);

// Beside the project and not in the system's folder for temporary files, which may be memory.
const folder = await mkdtemp(join(process.cwd(), '.bench-'));
const stores = openStores({ folder: join(folder, 'stores'), log });
const settings = settingsOf(stored > 0 ? [0, stored] : [0], processes).filter(({ store }) =>
  kinds.includes(store.toLowerCase()),
);
const common = { rounds, settings, stores, folder, log };

try {
  if (wanted('deliver')) {
    log('\none webhook → one mail and one Slack post, recorded');
    await benchDeliver({ ...common, webhooks: Number(values.webhooks) });
  }
  if (wanted('memory')) {
    log('\nstarting, and memory');
    await benchMemory({ ...common, settings: settings.filter(({ processes: number }) => number === 1) });
  }
  // After those, since what is accepted here is a day's work to deliver, and a database keeps it.
  if (wanted('accept')) {
    log('\naccepting webhooks, 64 connections, everything durable');
    await benchAccept({ ...common, seconds: Number(values.seconds) });
  }
  if (wanted('search')) {
    log('\nsearching, and why');
    await benchSearch({ bookings: stored, log });
  }
} finally {
  await stores.close();
  await rm(folder, { recursive: true, force: true });
}
