import { Client, type ClientConfig } from 'pg';
import { type Check, ok, problem, warning } from './check.ts';

type Row = { readonly number: string; readonly now: number; readonly made: boolean };

const ASK = `SELECT current_setting('server_version_num') AS number, extract(epoch FROM clock_timestamp())::float8 * 1000 AS now,
  EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS made`;

/**
 * Whether the database can be reached and has what the bot needs: `reach` throws an OperatorError where not. The address is
 * never repeated.
 */
export const postgresCheck = (connection: ClientConfig, reach: () => Promise<unknown>): Check => ({
  name: 'PostgreSQL',
  async run({ signal, clock }) {
    await reach();
    const client = new Client(connection);
    // A connection that is cut while it is closed is nobody's to handle.
    client.on('error', () => {});
    const stop = (): void => void client.end().catch(() => {});
    signal.addEventListener('abort', stop);
    try {
      await client.connect();
      const [found] = (await client.query<Row>(ASK)).rows;
      if (!found) return [problem('The database gave no answer.', 'Look into its log.')];
      clock('PostgreSQL', found.now);
      const version = Math.floor(Number(found.number) / 10_000);
      if (found.made) return [ok(`PostgreSQL ${version}, with pg_trgm`)];
      return [
        warning(
          `PostgreSQL ${version}, where pg_trgm is not made yet.`,
          'The first start makes it, where its user may.',
        ),
      ];
    } finally {
      signal.removeEventListener('abort', stop);
      await client.end().catch(() => {});
    }
  },
});
