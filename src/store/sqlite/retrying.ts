import type { Database } from './database.ts';

export const retrying = (database: Database) => {
  const again = database.prepare<{ id: string }>(
    `UPDATE delivery SET status = 'pending', due_at = ?2, tries = 0
     WHERE (status = 'dead' OR (status = 'pending' AND due_at > ?2)) AND seq IN (
       SELECT seq FROM delivery WHERE id = ?1
       UNION SELECT d.seq FROM webhook_id i JOIN delivery d ON d.webhook = i.webhook WHERE i.id = ?1
       UNION SELECT d.seq FROM resource r JOIN routing g ON g.resource = r.seq JOIN delivery d ON d.webhook = g.webhook
         WHERE r.id = ?1)
     RETURNING id`,
  );
  return {
    retry: (id: string, now: number): string[] => again.all(id, now).map((row) => row.id),
  };
};
