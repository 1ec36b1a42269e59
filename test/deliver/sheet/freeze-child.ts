import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import type { ClaimedDelivery } from '../../../src/core/delivery.ts';
import type { Channel } from '../../../src/deliver/channel.ts';

/*
 * `node freeze-child.ts FOLDER START ROWS`: writes the same rows (JSON, deliveries) into a copy of the same file (JSON, its
 * text or null) again and again, in FOLDER/1, FOLDER/2 …, each time freezing one call to the file system later: what is on
 * disk then is what a killed process leaves. Prints the names of the calls.
 */
const [folder = '', start = 'null', rows = '[]'] = process.argv.slice(2);
const deliveries: ClaimedDelivery[] = JSON.parse(rows);
const before: { text: string; columns: string } | null = JSON.parse(start);

let left = Number.POSITIVE_INFINITY;
let calls: string[] = [];
const opened: unknown[] = [];
let freeze = (): void => undefined;

type Method = (...args: unknown[]) => Promise<unknown>;
/** After the last allowed call, nothing is carried out any more. */
const watch = (methods: Record<string, Method>, names: readonly string[]): void => {
  for (const name of names) {
    const method = methods[name];
    if (!method) throw new Error(`there is no ${name}`);
    methods[name] = function (this: unknown, ...args) {
      if (left === 0) freeze();
      if (left === 0) return new Promise(() => undefined);
      left -= 1;
      calls.push(name);
      const answer = method.apply(this, args);
      // Frozen attempts leave files open: Node fails where the handle of one is garbage collected.
      if (name === 'open')
        void answer.then(
          (file) => opened.push(file),
          () => undefined,
        );
      return answer;
    };
  }
};

const handle = await open(import.meta.filename);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
const real = { mkdir: fs.promises.mkdir, writeFile: fs.promises.writeFile };
watch(fs.promises as unknown as Record<string, Method>, ['open', 'rename', 'rm', 'lstat', 'link', 'mkdir']);
watch(prototype, ['writeFile', 'write', 'datasync', 'sync', 'chmod', 'chown', 'truncate', 'stat', 'read']);
syncBuiltinESMExports();
// Imported only now, so that it gets the watched functions.
const { createSheetChannel } = await import('../../../src/deliver/sheet/channel.ts');

const performAll = (channel: Channel): Promise<unknown> =>
  Promise.all(
    deliveries.map((delivery) =>
      channel.perform(delivery, { signal: new AbortController().signal, note: async () => undefined }),
    ),
  );

for (let step = 1; ; step += 1) {
  const place = join(folder, `${step}`);
  left = Number.POSITIVE_INFINITY;
  await real.mkdir(place);
  if (before) {
    await real.writeFile(join(place, 'bookings.csv'), before.text);
    await real.writeFile(join(place, '.bookings.csv.columns'), before.columns);
  }
  const { promise: frozen, resolve } = Promise.withResolvers<string>();
  freeze = () => resolve('frozen');
  calls = [];
  left = step;
  const outcome = await Promise.race([performAll(createSheetChannel({ folder: place })).then(() => 'done'), frozen]);
  if (outcome === 'done') break;
}
process.stdout.write(JSON.stringify(calls));
