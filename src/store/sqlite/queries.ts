import type { Page, Story, StoryDelivery } from '../ports.ts';
import { RESOURCE_COLUMNS, type ResourceRow, withoutSeq } from '../resource-row.ts';
import { actTelling } from './acts.ts';
import { registrationCounts } from './cards.ts';
import type { Database } from './database.ts';
import { exporting } from './exporting.ts';
import { storeReading } from './keeping.ts';
import { mailLists } from './mails.ts';
import { searching } from './searching.ts';
import { status } from './status.ts';
import { stories } from './stories.ts';

type FoundRow = ResourceRow & { readonly seq: number };

/** What the reading connection answers: the QueryStore port, and those calls of other ports that only read. */
export const queries = (database: Database) => {
  const byId = database.prepare<FoundRow>(`SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource r WHERE r.id = ?`);
  const ofWebhook = database.prepare<FoundRow>(
    `SELECT r.seq, ${RESOURCE_COLUMNS} FROM routing g JOIN resource r ON r.seq = g.resource WHERE g.webhook = ?`,
  );
  const reader = stories(database);
  const { acts, about } = actTelling(database);

  return {
    ...searching(database),
    ...registrationCounts(database),
    ...mailLists(database),
    ...exporting(database),
    ...storeReading(database),
    acts,

    story(id: string): Story {
      const known = byId.all(id);
      const webhooks = reader.webhooksOf(id);
      const first = webhooks[0];
      const found = known.length > 0 || first === undefined ? known : ofWebhook.all(first);
      const elsewhere = known.some(({ kind }) => kind === 'registration') ? reader.toRegistration(id) : [];
      return {
        ...(elsewhere.length > 0 && { elsewhere }),
        resources: found.map(withoutSeq),
        webhooks: webhooks.flatMap((seq) => reader.webhook(seq, id)),
        // The acts on a resource include those on its webhooks.
        acts: about(
          found.map(({ seq }) => seq),
          found.length > 0 ? [] : webhooks,
        ),
      };
    },

    failed: (limit: number, before?: string): StoryDelivery[] => reader.failed(limit, before),
    died: (after: number, limit: number): StoryDelivery[] => reader.died(after, limit),
    deliveries: (page: Page): StoryDelivery[] => reader.newest(page),
    together: (id: string, page: Page): StoryDelivery[] => reader.together(id, page),
    status: status(database),
  };
};
