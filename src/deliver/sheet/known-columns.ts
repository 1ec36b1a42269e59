import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { columnKey } from './csv.ts';
import type { SheetPath } from './path.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

const NamesSchema = z.array(z.string());

/*
 * The columns of a keyed sheet that the bot has filled, stored beside it in `.NAME.csv.columns`. They tell a header that
 * somebody renamed from a column that is new in the rule. No rule can name such a file, since its name begins with a dot.
 */

const pathOf = ({ path }: SheetPath): string => join(dirname(path), `.${basename(path)}.columns`);

/** Empty where nothing is stored or it can't be read; missing columns are added then. */
export const knownColumns = async (place: SheetPath): Promise<ReadonlySet<string>> => {
  try {
    await using handle = await open(pathOf(place), O_RDONLY | O_NOFOLLOW);
    return new Set(NamesSchema.parse(JSON.parse(await handle.readFile('utf8'))));
  } catch {
    return new Set();
  }
};

/** To be called before a file is created: the columns of an earlier one of that name don't apply to it. */
export const forgetColumns = (place: SheetPath): Promise<void> => rm(pathOf(place), { force: true });

/**
 * Adds columns; to be called once they are in the file, since one stored too early would look like one that was removed. Not
 * synced: what a crash loses is stored again with the next row.
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
