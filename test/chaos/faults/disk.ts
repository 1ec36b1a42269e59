import { execFileSync } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BOTH, type Fault, failuresOf } from './fault.ts';

/** Room for what a run keeps, and little more. */
const DISK = '48m';

const needsRoot = (): string | undefined =>
  process.getuid?.() === 0 ? undefined : 'only root may mount what it needs';

const mount = (...args: string[]): void => void execFileSync('mount', args, { stdio: 'ignore' });
const unmount = (place: string): void => void execFileSync('umount', ['--lazy', place], { stdio: 'ignore' });

/** Whatever is written, a database or a sheet, finds no space. */
const full: Fault = {
  name: 'disk-full',
  what: 'the disk that holds DATA_DIR is full',
  stores: BOTH,
  lasts: 6_000,
  unavailable: needsRoot,
  async prepare(dataDir) {
    mount('-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', dataDir);
    return { undo: async () => unmount(dataDir) };
  },
  async begin({ dataDir }) {
    const filler = join(dataDir, 'filler');
    const filling = setInterval(() => void fill(filler), 100);
    await fill(filler);
    return async () => {
      clearInterval(filling);
      await rm(filler);
    };
  },
  felt: (traces) => (traces.answers.get(503) ?? 0) > 0 || failuresOf(traces, 'sheet').includes('disk_full'),
};

const BLOCK = Buffer.alloc(64 * 1024);

/** Writes until there is no room; whatever room comes free meanwhile is taken the next time. */
const fill = async (path: string): Promise<void> => {
  const file = await open(path, 'a');
  try {
    for (let size = BLOCK.length; size >= 512; ) {
      await file.write(BLOCK, 0, size).catch(() => {
        size /= 2;
      });
    }
  } finally {
    await file.close();
  }
};

/** As a disk that the kernel has set to read-only after an error, for the sheets alone. */
const readOnly: Fault = {
  name: 'read-only',
  what: 'the folder of the sheets can only be read',
  stores: BOTH,
  lasts: 6_000,
  unavailable: needsRoot,
  async begin({ dataDir }) {
    const folder = join(dataDir, 'sheets');
    mount('--bind', folder, folder);
    mount('-o', 'remount,ro,bind', folder);
    return async () => unmount(folder);
  },
  felt: (traces) => failuresOf(traces, 'sheet').includes('read_only'),
};

export const DISK_FAULTS: readonly Fault[] = [full, readOnly];
