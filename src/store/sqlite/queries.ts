import type { Resource } from '../../core/resource.ts';
import type { Story, StoryDelivery } from '../ports.ts';
import type { Database } from './database.ts';
import { RESOURCE_COLUMNS, type ResourceRow, toResource } from './resources.ts';
import { matchExpression } from './search.ts';
import { status } from './status.ts';
import { stories } from './stories.ts';

/** The reading half of the QueryStore port; runs on a connection of its own. */
export const queries = (database: Database) => {
  const matches = database.prepare<ResourceRow>(
    `SELECT ${RESOURCE_COLUMNS} FROM resource_search s JOIN resource r ON r.seq = s.rowid
     WHERE s.text MATCH ? ORDER BY s.rowid DESC LIMIT ? OFFSET ?`,
  );
  const byId = database.prepare<ResourceRow>(`SELECT ${RESOURCE_COLUMNS} FROM resource r WHERE r.id = ?`);
  const ofWebhook = database.prepare<ResourceRow>(
    `SELECT ${RESOURCE_COLUMNS} FROM routing g JOIN resource r ON r.seq = g.resource WHERE g.webhook = ?`,
  );
  const tell = stories(database);

  return {
    search(words: string, page: { readonly limit: number; readonly offset: number }): Resource[] {
      const expression = matchExpression(words);
      return expression ? matches.all(expression, page.limit, page.offset).map(toResource) : [];
    },

    story(id: string): Story {
      const known = byId.all(id).map(toResource);
      const seqs = tell.webhooksOf(id);
      const first = seqs[0];
      const resources = known.length > 0 || first === undefined ? known : ofWebhook.all(first).map(toResource);
      return { resources, webhooks: seqs.flatMap((seq) => tell.webhook(seq)) };
    },

    failed: (limit: number): StoryDelivery[] => tell.failed(limit),
    deliveries: (page: { readonly limit: number; readonly offset: number }): StoryDelivery[] => tell.newest(page),
    status: status(database),
  };
};
