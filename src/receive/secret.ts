import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OperatorError } from '../core/errors.ts';

/** Where the secret is kept that was made because none was set. */
export const secretFile = (dataDir: string): string => join(dataDir, 'webhook-secret');

/**
 * The kept secret, or a new one that is kept from now on, readable by this user alone. Starts at the same time get the
 * same. Throws an OperatorError where it can't be kept: an endpoint without a secret would believe everybody.
 */
export const keptSecret = async (dataDir: string): Promise<string> => {
  const file = secretFile(dataDir);
  const known = await readSecret(dataDir);
  if (known) return known;
  // A name nobody else has: in containers that share a folder every process has the same id.
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, `whsec_${randomBytes(24).toString('hex')}\n`, { mode: 0o600, flush: true });
    // A link never replaces what another start has put there in the meantime.
    await link(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notKept(file, messageOf(error), error);
  } finally {
    await rm(temporary, { force: true });
  }
  const kept = await readSecret(dataDir);
  if (!kept) throw notKept(file, 'the file is there but empty');
  return kept;
};

const notKept = (file: string, problem: string, cause?: unknown): OperatorError =>
  new OperatorError(`No webhook secret can be kept in ${file}: ${problem}.`, {
    remedy: 'Set WEBKASA_WEBHOOK_SECRET, or mend the folder and remove the file; then start again.',
    cause,
  });

/** The kept secret, undefined where none was made yet. */
export const readSecret = async (dataDir: string): Promise<string | undefined> => {
  const text = await readFile(secretFile(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.trim() || undefined;
};
