import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { makeFolder } from '../../runtime/make-folder.ts';
import { DISK } from '../alert/troubles.ts';
import { freeBytes } from '../disk.ts';
import { type Check, type Found, ok, problem, warning } from './check.ts';

/** Values from .env.example, which everybody knows. */
const EXAMPLE =
  /0123456789abcdef|abcdefghijklmnop|(?:^|[:/@.])example\.(?:com|net|org)|user:password@|webkasa:password@/i;
/** A shorter secret could be guessed by brute force. */
const SHORTEST = 16;

/** Checks secrets, given by the name of their setting; those that are not set are left out. Findings never contain values. */
export const secretFindings = (secrets: Readonly<Record<string, readonly string[]>>): Found[] => {
  const findings: Found[] = [];
  for (const [name, values] of Object.entries(secrets)) {
    if (values.some((value) => EXAMPLE.test(value))) {
      findings.push(problem(`${name} still is the example.`, 'Set it to your own, or leave it out.'));
    } else if (name === 'WEBKASA_WEBHOOK_SECRET' && values.some((value) => value.length < SHORTEST)) {
      findings.push(
        warning(`${name} has fewer than ${SHORTEST} characters.`, 'Let WebKasa make a new one, and set it here.'),
      );
    }
  }
  if (findings.length > 0) return findings;
  const names = Object.keys(secrets);
  return names.length === 0 ? [] : [ok(`${names.join(', ')}: set, and no examples`)];
};

/** A full disk, a used-up quota, a limit on the size of files. */
const NO_SPACE: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const FREE_SPACE = 'Free some space: a full disk stops everything.';

/** Checks that the bot may write to its data folder, and how much space is left there. */
export const folderCheck = (folder: string): Check => ({
  name: 'data folder',
  async run() {
    const probe = join(folder, `.doctor-${randomUUID()}`);
    await makeFolder(folder);
    try {
      await writeFile(probe, 'webkasa-bot doctor\n', { flush: true });
    } catch (error) {
      const full = NO_SPACE.has((error as NodeJS.ErrnoException).code);
      const remedy = full ? FREE_SPACE : 'Let this user write there, or set DATA_DIR.';
      return [problem(`${folder} can't be written to: ${messageOf(error)}`, remedy)];
    } finally {
      await rm(probe, { force: true }).catch(() => {});
    }
    const free = await freeBytes(folder);
    if (free === undefined) return [ok(`${folder} can be written to`)];
    const room = `${sizeOf(free)} free`;
    if (free < DISK.least) return [problem(`${folder}: only ${room}.`, FREE_SPACE)];
    return [ok(`${folder} can be written to, ${room}`)];
  },
});

export const sizeOf = (bytes: number): string =>
  bytes >= 1_000_000_000 ? `${(bytes / 1_000_000_000).toFixed(1)} GB` : `${Math.round(bytes / 1_000_000)} MB`;
