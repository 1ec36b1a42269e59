import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperatorError } from '../core/errors.ts';
import { type ErasePlan, eraseRows, type OutOfReach, planErasing, recordErasing } from '../keep/erase.ts';
import { outboxFilesOf, removeFiles } from '../keep/erase-files.ts';
import { eraseInSheets, type Known, knownOf, type SheetOutcome } from '../keep/erase-sheets.ts';
import { type Person, personOf } from '../keep/person.ts';
import { databaseTraces, type Place, searchEverywhere } from '../keep/search.ts';
import type { Look } from '../query/cli/look.ts';
import { visible } from '../query/cli/visible.ts';
import { counted } from '../query/words.ts';
import { account } from './account.ts';
import { callOf, command, type ExitCode, UsageError } from './command.ts';
import { type Context, print } from './context.ts';
import { exists } from './require-store.ts';
import { type Keeping, withKeeping } from './with-keeping.ts';

const NAME = 'erase';

export const erase = command({
  name: NAME,
  summary: "take a person's data out of everything the bot keeps",
  args: 'ADDRESS',
  count: [1, 1],
  options: {
    yes: { type: 'boolean', help: 'do it; without, it says what it would do' },
    check: { type: 'boolean', help: 'only look for the address everywhere' },
  },
  json: true,
  more: [
    'Of their webhooks, bookings, registrations and deliveries ids, kinds and times stay, and that something was erased. Cells of their rows in sheets are emptied, mails and posts in the outbox are deleted. In the data of others, as in guest lists, their entry alone is taken out, and their names and phone numbers where it names them. However the address is spelt, it is found. It works beside a running bot.',
    'What lies outside the bot is named with what to do: mails that were sent, messages in Slack, rows in Google Sheets, backups.',
    'It ends with a search of the store and all files for the address, and with exit code 1 where that finds any.',
  ],
  examples: [`${NAME} john@example.com`, `${NAME} john@example.com --yes`, `${NAME} john@example.com --check`],
  run: async ({ values: { yes, check }, args: [address = ''] }, context) => {
    if (!/^[^\s@]+@[^\s@]+$/.test(address.trim())) throw new UsageError(`"${address}" is not a mail address.`, NAME);
    if (yes && check) throw new UsageError(`${NAME} takes --yes or --check, not both.`, NAME);
    const person = personOf(address);
    if (check) return withKeeping(context, (keeping) => tellSearch(context, keeping, person));
    const planned = await withKeeping(context, (keeping) => plan(keeping, person));
    const { known, ...told } = planned;
    if (!yes) {
      print(context, { address: person.address, erased: false, ...told }, planText);
      return 0;
    }
    // Printed before anything is erased, since the data that names these places is erased too.
    if (!context.json) context.out.write(linesOf(outsideLines(told)));
    return carryOut(context, person, planned);
  },
});

type Planned = ErasePlan & {
  readonly sheets: readonly SheetOutcome[];
  readonly outbox: readonly string[];
  readonly backups: readonly string[];
  /** Sheets whose file name contains the person's name or address. */
  readonly namedAfter: readonly string[];
  readonly known: Known;
};

const plan = async ({ store, paths }: Keeping, person: Person): Promise<Planned> => {
  const { plan: rows, found } = await planErasing(store, person);
  const known = knownOf(found, person);
  return {
    ...rows,
    sheets: await eraseInSheets(paths.sheets, person, known, { dry: true }),
    outbox: await outboxFilesOf([paths.mailOutbox, paths.slackOutbox], person, known.ids),
    backups: await foldersIn(join(paths.data, 'backups')),
    namedAfter: await present(known.namedAfter.map((name) => join(paths.sheets, name))),
    known,
  };
};

const present = async (files: readonly string[]): Promise<string[]> => {
  const there = await Promise.all(files.map(exists));
  return files.filter((_, index) => there[index]);
};

const foldersIn = async (folder: string): Promise<string[]> =>
  (await exists(folder)) ? (await readdir(folder)).sort().map((name) => join(folder, name)) : [];

const eraseFiles = async ({ paths }: Keeping, person: Person, known: Known): Promise<void> => {
  await eraseInSheets(paths.sheets, person, known, { dry: false });
  await removeFiles(await outboxFilesOf([paths.mailOutbox, paths.slackOutbox], person, known.ids));
};

const carryOut = async (context: Context, person: Person, { known, ...told }: Planned): Promise<ExitCode> => {
  await withKeeping(context, async (keeping) => {
    // Files first: what to look for in them beside the address is known only from the rows. And once more after the rows,
    // since the bot may have written to files meanwhile.
    await eraseFiles(keeping, person, known);
    const quiet = await eraseRows(keeping.store, person, context.now);
    await eraseFiles(keeping, person, known);
    if (!quiet) {
      throw new OperatorError('The bot kept writing about this person, so something of them is left.', {
        remedy: `Run ${callOf(NAME)} again when no more webhooks about them come in.`,
      });
    }
    await recordErasing(keeping.store, person, account(), context.now());
  });
  const { scourStore } = await import('../app.ts');
  await scourStore(context.config());
  await withKeeping(context, async ({ file }) => {
    // Free space may hold what was deleted or moved, and of a row cut in two the name without the address.
    if (file && (await databaseTraces(file.names, person, known.words)).length > 0) file.compact();
  });
  if (!context.json) context.out.write(linesOf(doneLines({ address: person.address, ...told })));
  return withKeeping(context, (keeping) => tellSearch(context, keeping, person, { erased: true, ...told }));
};

const tellSearch = async (
  context: Context,
  { store, paths, file }: Keeping,
  person: Person,
  before: Partial<Told> & { readonly erased?: true } = {},
): Promise<ExitCode> => {
  const folders = [...new Set([paths.data, dirname(paths.rules)])];
  const found = await searchEverywhere(store, person, { folders, databaseFiles: file?.names ?? [] });
  const known = new Set(found.map((place) => ('file' in place ? place.file : undefined)));
  const left = (await present(before.namedAfter ?? [])).filter((each) => !known.has(each));
  const places = [...found, ...left.map((each): Place => ({ file: each, name: true }))];
  print(context, { address: person.address, ...before, places }, searchText);
  return places.length === 0 ? 0 : 1;
};

type Told = Omit<Planned, 'known'> & { readonly address: string };

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

const planText = (told: Told, look: Look): string => {
  const { sheets, outbox } = told;
  return linesOf([
    look.paint('bold', visible(told.address)),
    `  in the store: ${inStore(told)}`,
    ...sheets.map(({ file, rows }) => `  to be emptied: ${counted(rows, 'row')} in ${visible(file)}`),
    `  to be deleted: ${counted(outbox.length, 'file')} of the outbox`,
    ...outsideLines(told),
    `To erase all of this for good: ${callOf(NAME)} ${visible(told.address)} --yes`,
  ]);
};

const doneLines = (told: Told): string[] => [
  `Erased ${visible(told.address)}:`,
  `  in the store: ${inStore(told)}`,
  ...told.sheets.map(({ file, rows }) => `  emptied: ${counted(rows, 'row')} in ${visible(file)}`),
  `  deleted: ${counted(told.outbox.length, 'file')} of the outbox`,
];

const inStore = ({ webhooks, resources, deliveries, inOthers }: Told): string => {
  const own = [
    counted(webhooks, 'webhook'),
    counted(resources, 'booking or registration', 'bookings and registrations'),
    counted(deliveries, 'delivery', 'deliveries'),
  ];
  return `${own.join(', ')}; named in ${inOthers} of others`;
};

const outsideLines = ({
  outOfReach,
  backups,
  namedAfter,
}: Pick<Told, 'outOfReach' | 'backups' | 'namedAfter'>): string[] => {
  const lines = [
    ...outOfReach.map(outsideLine),
    ...backups.map((folder) => `  backup ${visible(folder)}: delete it, or erase again after restoring it`),
    ...namedAfter.map((file) => `  ${visible(file)}: ${OWN_NAME}`),
  ];
  return lines.length > 0 ? ['Out of the reach of the bot, and to be seen to by hand:', ...lines] : [];
};

const OWN_NAME = 'its name is made of theirs; rename it or delete it, and let rules name sheets by ids';

const outsideLine = ({ kind, where, ts, count }: OutOfReach): string => {
  if (kind === 'mail') return `  ${counted(count, 'mail')} to ${visible(where)}: in its mailbox and on the mail server`;
  if (kind === 'slack')
    return `  message ${visible(ts ?? '')} in Slack's channel ${visible(where)}: delete it there, with its thread`;
  return `  ${counted(count, 'row')} in the Google spreadsheet ${visible(where)}: to be deleted there, with its version history`;
};

const searchText = ({ address, places }: { readonly address: string; readonly places: readonly Place[] }): string => {
  if (places.length === 0)
    return `Nothing names ${visible(address)} any more: the store and all files were searched.\n`;
  const lines = places.map((place) => {
    if (!('file' in place)) return `  the table ${place.table}: ${counted(place.rows, 'row')}`;
    return `  ${visible(place.file)}${remarkOn(place)}`;
  });
  return `${visible(address)} is named in:\n${lines.join('\n')}\n`;
};

const remarkOn = (place: Extract<Place, { file: string }>): string => {
  if ('name' in place) return `: ${OWN_NAME}`;
  return 'unread' in place
    ? " (perhaps: what is compressed can't be looked into; delete it, or erase again after restoring it)"
    : '';
};
