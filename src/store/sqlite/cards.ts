import type { Card, RegistrationCount } from '../ports.ts';
import type { Database } from './database.ts';

type CardRow = Omit<Card, 'detail'> & { readonly detail: string };

/** Cards, as plain calls inside the writer's transaction. */
export const cards = (database: Database) => {
  const find = database.prepare<CardRow>('SELECT channel, ts, version, detail FROM card WHERE key = ?');
  const save = database.prepare(
    'INSERT OR REPLACE INTO card (key, channel, ts, version, detail) VALUES (?, ?, ?, ?, ?)',
  );
  return {
    getCard(key: string): Card | undefined {
      const row = find.get(key);
      return row && { ...row, detail: JSON.parse(row.detail) };
    },

    saveCard(key: string, { channel, ts, version, detail }: Card): void {
      save.run(key, channel, ts, version, JSON.stringify(detail));
    },
  };
};

/** Counts who registered for an event, from the index alone. */
export const registrationCounts = (database: Database) => {
  const count = database.prepare<{ gone: 0 | 1 | null; count: number; guests: number }>(
    `SELECT gone, count(*) AS count, sum(guests) AS guests FROM resource INDEXED BY resource_registration
     WHERE kind = 'registration' AND event_id = ? AND event_id IS NOT NULL GROUP BY gone`,
  );
  return {
    registrations(eventId: string): RegistrationCount {
      const rows = count.all(eventId);
      const of = (gone: boolean) => rows.filter((row) => (row.gone === 1) === gone);
      const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
      return {
        active: total(of(false).map((row) => row.count)),
        cancelled: total(of(true).map((row) => row.count)),
        guests: total(of(false).map((row) => row.guests)),
      };
    },
  };
};
