import type { Page, Story, StoryDelivery } from '../ports.ts';
import { RESOURCE_COLUMNS, type ResourceRow, withoutSeq } from '../resource-row.ts';
import { actTelling } from './acts.ts';
import { registrationCounts } from './cards.ts';
import type { Database } from './database.ts';
import { exporting } from './exporting.ts';
import { keptTelling } from './keeping.ts';
import { mailLists } from './mails.ts';
import { searching } from './searching.ts';
import { status } from './status.ts';
import { stories } from './stories.ts';

type FoundRow = ResourceRow & { readonly seq: number };

/** What the reading connection answers: the QueryStore port, and what of the other ports only reads. */
export const queries = (database: Database) => {
  const byId = database.prepare<FoundRow>(`SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource r WHERE r.id = ?`);
  const ofWebhook = database.prepare<FoundRow>(
    `SELECT r.seq, ${RESOURCE_COLUMNS} FROM routing g JOIN resource r ON r.seq = g.resource WHERE g.webhook = ?`,
  );
  const tell = stories(database);
  const { acts, about } = actTelling(database);

  return {
    ...searching(database),
    ...registrationCounts(database),
    ...mailLists(database),
    ...exporting(database),
    ...keptTelling(database),
    acts,

    story(id: string): Story {
      const known = byId.all(id);
      const webhooks = tell.webhooksOf(id);
      const first = webhooks[0];
      const found = known.length > 0 || first === undefined ? known : ofWebhook.all(first);
      const elsewhere = known.some(({ kind }) => kind === 'registration') ? tell.toRegistration(id) : [];
      return {
        ...(elsewhere.length > 0 && { elsewhere }),
        resources: found.map(withoutSeq),
        webhooks: webhooks.flatMap((seq) => tell.webhook(seq, id)),
        // Those of a resource hold those of its webhooks already.
        acts: about(
          found.map(({ seq }) => seq),
          found.length > 0 ? [] : webhooks,
        ),
      };
    },

    failed: (limit: number, before?: string): StoryDelivery[] => tell.failed(limit, before),
    died: (after: number, limit: number): StoryDelivery[] => tell.died(after, limit),
    deliveries: (page: Page): StoryDelivery[] => tell.newest(page),
    together: (id: string, page: Page): StoryDelivery[] => tell.together(id, page),
    status: status(database),
  };
};
