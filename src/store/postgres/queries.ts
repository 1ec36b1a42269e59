import type { ExportStore } from '../export-ports.ts';
import type { ActStore, QueryStore } from '../ports.ts';
import { actTelling } from './acts.ts';
import type { Database } from './database.ts';
import { exporting } from './exporting.ts';
import { searching } from './searching.ts';
import { status } from './status.ts';
import { stories } from './stories.ts';

/** Everything that only reads: the QueryStore and ExportStore ports, and the reading half of the ActStore port. */
export const queries = (database: Database): QueryStore & ExportStore & Pick<ActStore, 'acts'> => ({
  ...searching(database),
  ...stories(database),
  ...exporting(database),
  acts: actTelling(database).acts,
  status: status(database),
});
