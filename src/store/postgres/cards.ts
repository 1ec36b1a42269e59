import type { Card, CardStore, RegistrationCount } from '../ports.ts';
import type { Database } from './database.ts';

type CardRow = Omit<Card, 'detail'> & { readonly detail: string };

/** The CardStore port. */
export const cards = (database: Database): CardStore => ({
  async getCard(key: string): Promise<Card | undefined> {
    const [row] = await database.query<CardRow>(
      'SELECT channel, ts, version, detail FROM card WHERE digest_of(key) = digest_of($1)',
      [key],
    );
    return row && { ...row, detail: JSON.parse(row.detail) };
  },

  async saveCard(key: string, { channel, ts, version, detail }: Card): Promise<void> {
    await database.query(
      `INSERT INTO card (key, channel, ts, version, detail) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (digest_of(key)) DO UPDATE SET channel = excluded.channel, ts = excluded.ts,
         version = excluded.version, detail = excluded.detail`,
      [key, channel, ts, version, JSON.stringify(detail)],
    );
  },

  async registrations(eventId: string): Promise<RegistrationCount> {
    const [count] = await database.query<RegistrationCount>(
      `SELECT count(*) FILTER (WHERE NOT gone) AS active, count(*) FILTER (WHERE gone) AS cancelled,
         coalesce(sum(guests) FILTER (WHERE NOT gone), 0) AS guests
       FROM resource WHERE kind = 'registration' AND digest_of(event_id) = digest_of($1)`,
      [eventId],
    );
    return count ?? { active: 0, cancelled: 0, guests: 0 };
  },
});
