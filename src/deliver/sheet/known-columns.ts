import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { columnKey } from './csv.ts';
import type { SheetPath } from './path.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

const NamesSchema = z.array(z.string());

/*
 * Which columns of a keyed sheet the bot has filled, kept beside it in `.NAME.csv.columns`: without it, a header that
 * somebody renamed could not be told from a column that the rule has only just been given. No rule can name such a file,
 * since it begins with a dot.
 */

const pathOf = ({ path }: SheetPath): string => join(dirname(path), `.${basename(path)}.columns`);

/** Empty where nothing is known, or what is kept can't be read: then columns that are missing are added. */
export const knownColumns = async (place: SheetPath): Promise<ReadonlySet<string>> => {
  try {
    await using handle = await open(pathOf(place), O_RDONLY | O_NOFOLLOW);
    return new Set(NamesSchema.parse(JSON.parse(await handle.readFile('utf8'))));
  } catch {
    return new Set();
  }
};

/** To be called before a file is begun anew: what an earlier one of its name had says nothing of it. */
export const forgetColumns = (place: SheetPath): Promise<void> => rm(pathOf(place), { force: true });

/**
 * Adds to what is known; to be called after the columns are in the file, since one known too early would seem to have
 * been taken away. Not synced: what a crash forgets is learnt again with the next row.
 */
export const keepColumns = async (
  place: SheetPath,
  known: ReadonlySet<string>,
  names: readonly string[],
): Promise<void> => {
  const all = known.union(new Set(names.map(columnKey)));
  if (all.size === known.size) return;
  const draft = `${pathOf(place)}.new`;
  await rm(draft, { force: true });
  await using handle = await open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  await handle.writeFile(JSON.stringify([...all]));
  await rename(draft, pathOf(place));
};
