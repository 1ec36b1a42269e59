import type { Card, RegistrationCount } from '../ports.ts';
import type { Database } from './database.ts';

type CardRow = Omit<Card, 'detail'> & { readonly detail: string };

/** The CardStore port but for its count, as plain calls inside the writer's transaction. */
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
  const count = database.prepare<{ gone: 0 | 1; count: number; guests: number }>(
    'SELECT gone, count(*) AS count, sum(guests) AS guests FROM registration WHERE event_id = ? GROUP BY gone',
  );
  return {
    registrations(eventId: string): RegistrationCount {
      const rows = count.all(eventId);
      const active = rows.find(({ gone }) => gone === 0);
      return {
        active: active?.count ?? 0,
        cancelled: rows.find(({ gone }) => gone === 1)?.count ?? 0,
        guests: active?.guests ?? 0,
      };
    },
  };
};
