import { cards } from './cards.ts';
import type { Database } from './database.ts';
import { deliveries } from './deliveries.ts';
import { doing } from './doing.ts';
import { inbox } from './inbox.ts';
import { keeping } from './keeping.ts';
import type { KnownIds } from './known-ids.ts';
import { mails } from './mails.ts';
import { queries } from './queries.ts';
import { routing } from './routing.ts';

/** The calls that the writing connection answers. Each is atomic; many may share one commit. */
export const writerCalls = (database: Database, known: KnownIds) => ({
  ...inbox(database, known),
  ...routing(database),
  ...deliveries(database),
  ...cards(database),
  ...mails(database),
  ...doing(database),
  ...keeping(database),
});

/** The calls that the reading connection answers, without ever holding up a webhook. */
export const readerCalls = (database: Database) => queries(database);

export type WriterCalls = ReturnType<typeof writerCalls>;
export type ReaderCalls = ReturnType<typeof readerCalls>;

/** One call and its answer, as they cross between the threads. */
export type Call = { readonly method: string; readonly args: readonly unknown[] };
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly errcode?: number | undefined };

export type WorkerInput = { readonly file: string; readonly role: 'writer' | 'reader' };
