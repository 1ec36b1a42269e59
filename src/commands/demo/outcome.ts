import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '../../app.ts';
import { type WhyAnswer, why } from '../../query/why.ts';
import type { QueryStore } from '../../store/ports.ts';
import { EXAMPLE } from './day.ts';
import { readHeaders } from './mail-headers.ts';
import type { Played } from './play.ts';

/** The outcome of the day, read from where a person would look: the files and the store. */
export type Outcome = {
  readonly folder: string;
  readonly webhooks: readonly Played[];
  readonly mails: readonly { readonly to: string; readonly subject: string; readonly file: string }[];
  readonly posts: readonly {
    readonly channel: string;
    /** Whether it is a new message, an update of one, or a reply in a thread. */
    readonly as: 'new' | 'update' | 'reply';
    readonly text: string;
    readonly file: string;
  }[];
  readonly sheet: {
    readonly file: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly string[])[];
  };
  readonly decisions: { readonly webhooks: number; readonly rules: number };
  readonly deliveries: Awaited<ReturnType<QueryStore['status']>>['deliveries'];
  /** The full history of one booking. */
  readonly example: WhyAnswer;
};

/** Reads the outcome once everything is delivered. */
export const readOutcome = async (
  webhooks: readonly Played[],
  paths: Paths,
  store: QueryStore,
  now: number,
): Promise<Outcome> => {
  const status = await store.status();
  const example = await why(store, EXAMPLE, now);
  return {
    folder: paths.data,
    webhooks,
    mails: await readMails(paths.mailOutbox),
    posts: await readPosts(paths.slackOutbox),
    sheet: await readSheet(paths.sheets),
    decisions: { webhooks: status.webhooks, rules: example.webhooks[0]?.rules.length ?? 0 },
    deliveries: status.deliveries,
    example,
  };
};

/** The files with an ending, by name; names in an outbox begin with the time. None if the folder does not exist. */
const filesIn = async (folder: string, ending: string): Promise<string[]> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
};

const readMails = async (folder: string): Promise<Outcome['mails']> =>
  Promise.all(
    (await filesIn(folder, '.eml')).map(async (file) => {
      const headers = readHeaders(await readFile(file, 'utf8'));
      return { to: headers.get('to') ?? '', subject: headers.get('subject') ?? '', file };
    }),
  );

const readPosts = async (folder: string): Promise<Outcome['posts']> =>
  Promise.all(
    (await filesIn(folder, '.json')).map(async (file) => {
      const post: Readonly<Record<string, unknown>> = JSON.parse(await readFile(file, 'utf8'));
      const as = 'updates' in post ? 'update' : 'thread' in post ? 'reply' : 'new';
      return { channel: String(post.channel), as, text: String(post.text), file };
    }),
  );

const readSheet = async (folder: string): Promise<Outcome['sheet']> => {
  const [file] = await filesIn(folder, '.csv');
  if (file === undefined) return { file: folder, columns: [], rows: [] };
  const lines = (await readFile(file, 'utf8'))
    .replace(/^\ufeff/, '')
    .split('\r\n')
    .filter(Boolean);
  const [columns = [], ...rows] = lines.map(cellsOf);
  return { file, columns, rows };
};

/** Parses a row as the bot writes them: on one line, with every cell quoted. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell.replaceAll('""', '"'));
