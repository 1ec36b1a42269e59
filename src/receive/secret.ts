import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the secret is kept that was made because none was set. */
export const secretFile = (dataDir: string): string => join(dataDir, 'webhook-secret');

/** The kept secret, or a new one that is kept from now on, readable by this user alone. */
export const keptSecret = async (dataDir: string): Promise<string> => {
  const file = secretFile(dataDir);
  const known = await readSecret(dataDir);
  if (known) return known;
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `whsec_${randomBytes(24).toString('hex')}\n`, { mode: 0o600, flush: true });
  // A link never replaces what another start has put there in the meantime.
  await link(temporary, file).catch(() => {});
  await rm(temporary, { force: true });
  return (await readSecret(dataDir)) ?? '';
};

/** The kept secret, undefined where none was made yet. */
export const readSecret = async (dataDir: string): Promise<string | undefined> => {
  const text = await readFile(secretFile(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.trim() || undefined;
};
