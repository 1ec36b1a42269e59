import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, OperatorError } from '../core/errors.ts';
import { makeFolder } from '../runtime/make-folder.ts';
import { rulesJsonSchema } from './schema.ts';

const STARTER = fileURLToPath(new URL('../../templates/rules.yaml', import.meta.url));

/** The schema file beside the rules file, to which the starter rules point editors. */
export const RULES_SCHEMA_FILE = 'rules.schema.json';

/**
 * Creates the rules file from the starter rules if there is none, and beside it the JSON Schema for editors. The file appears
 * whole or not at all, and an existing one is never touched. Returns whether it was created.
 */
export const ensureRulesFile = async (path: string): Promise<boolean> => {
  try {
    await makeFolder(dirname(path));
    const made = await placeOnce(path, await readFile(STARTER));
    if (made) await writeRulesSchema(join(dirname(path), RULES_SCHEMA_FILE));
    return made;
  } catch (error) {
    throw new OperatorError(`The rules file ${path} can't be made: ${messageOf(error).replace(/\.$/, '')}.`, {
      remedy: 'Make its folder writable, or name another file in RULES_FILE.',
      cause: error,
    });
  }
};

/** Writes the JSON Schema of the rules file, for editors, in place of an older one. */
export const writeRulesSchema = async (path: string): Promise<void> => {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, `${JSON.stringify(rulesJsonSchema(), null, 2)}\n`);
  await rename(temporary, path);
};

const placeOnce = async (path: string, content: Uint8Array): Promise<boolean> => {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content, { flush: true });
    // A link, unlike a rename, fails if the file exists: another process may create it at the same time.
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error;
      // Some file systems have no links.
      return copyFile(temporary, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
};
