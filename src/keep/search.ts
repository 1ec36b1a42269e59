import type { KeepingStore, KeptTable } from '../store/keeping-ports.ts';
import { tracesIn } from './erase.ts';
import { bytesHold, compressedIn, filesNaming } from './erase-files.ts';
import type { Person } from './person.ts';
import { isRare } from './words.ts';

/**
 * Where a person is still named: rows of a table, a file, or only the name of a file; `unread` is a file that can't be searched
 * and may name them.
 */
export type Place =
  | { readonly table: KeptTable; readonly rows: number }
  | { readonly file: string }
  | { readonly file: string; readonly name: true }
  | { readonly file: string; readonly unread: true };

/**
 * Searches for a person everywhere: in each table, in the bytes of the database's files (which may hold deleted data until it
 * is overwritten), and in every file in and beside the bot's data folder.
 */
export const searchEverywhere = async (
  store: KeepingStore,
  person: Person,
  where: { readonly folders: readonly string[]; readonly databaseFiles: readonly string[] },
): Promise<Place[]> => {
  const places: Place[] = await tracesIn(store, person);
  const names = new Set(where.databaseFiles);
  const seen = new Set<string>();
  for (const folder of where.folders) {
    for (const file of await filesNaming(folder, person, (path) => names.has(path))) {
      if (!seen.has(file)) places.push({ file });
      seen.add(file);
    }
    for (const file of await compressedIn(folder)) {
      if (!seen.has(file)) places.push({ file, unread: true });
      seen.add(file);
    }
  }
  return [...places, ...(await databaseTraces(where.databaseFiles, person)).map((file) => ({ file }))];
};

/** Those of the database's files whose bytes name the person, or hold one of their `words` that hardly anybody shares. */
export const databaseTraces = async (
  files: readonly string[],
  person: Person,
  words: readonly string[] = [],
): Promise<string[]> => {
  const rare = words.filter(isRare);
  const isIn = (text: string): boolean => person.isIn(text) || rare.some((word) => text.includes(word));
  const found: string[] = [];
  for (const file of files) if (await bytesHold(file, isIn)) found.push(file);
  return found;
};
