import { Client, type ClientConfig } from 'pg';
import { type Check, type Found, ok, problem, warning } from './check.ts';

type Row = { readonly number: string; readonly now: number; readonly made: boolean; readonly fsync: string };

const ASK = `SELECT current_setting('server_version_num') AS number, extract(epoch FROM clock_timestamp())::float8 * 1000 AS now,
  EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS made,
  current_setting('fsync') AS fsync`;

/** Milliseconds after which an idle transaction is reported. The bot's own end after one minute. */
const IDLE = 600_000;

type Idle = { readonly pid: number; readonly name: string; readonly minutes: number };

const ASK_IDLE = `SELECT pid, application_name AS name, (extract(epoch FROM clock_timestamp() - xact_start) / 60)::integer AS minutes
  FROM pg_stat_activity
  WHERE datname = current_database() AND state LIKE 'idle in transaction%'
    AND xact_start <= clock_timestamp() - $1 * interval '1 millisecond'
  ORDER BY xact_start`;

/**
 * Checks that the database can be reached and has what the bot needs; `reach` throws an OperatorError if not. Findings never
 * contain the connection's address. `idle`: for how many milliseconds a transaction of any session may be idle.
 */
export const postgresCheck = (connection: ClientConfig, reach: () => Promise<unknown>, idle = IDLE): Check => ({
  name: 'PostgreSQL',
  async run({ signal, clock }) {
    await reach();
    const client = new Client(connection);
    // Without a listener, an error of a connection that is being closed would end the process.
    client.on('error', () => {});
    const stop = (): void => void client.end().catch(() => {});
    signal.addEventListener('abort', stop);
    try {
      await client.connect();
      const [found] = (await client.query<Row>(ASK)).rows;
      if (!found) return [problem('The database gave no answer.', 'Look into its log.')];
      clock('PostgreSQL', found.now);
      const { rows } = await client.query<Idle>(ASK_IDLE, [idle]);
      return [versionFinding(found), ...diskFindings(found), ...rows.map(idleFinding)];
    } finally {
      signal.removeEventListener('abort', stop);
      await client.end().catch(() => {});
    }
  },
});

const versionFinding = ({ number, made }: Row): Found => {
  const version = Math.floor(Number(number) / 10_000);
  if (made) return ok(`PostgreSQL ${version}, with pg_trgm`);
  return warning(
    `PostgreSQL ${version}, where pg_trgm is not made yet.`,
    'The first start makes it, where its user may.',
  );
};

const diskFindings = ({ fsync }: Row): Found[] =>
  fsync === 'on'
    ? []
    : [
        problem(
          'PostgreSQL runs with fsync=off: a power cut can destroy the whole database.',
          'Set fsync = on in postgresql.conf, and reload its settings: SELECT pg_reload_conf();',
        ),
      ];

const idleFinding = ({ pid, name, minutes }: Idle): Found =>
  warning(
    `A session of ${name || 'a program without a name'} (process ${pid}) has kept a transaction open for ${minutes} minutes and does nothing.`,
    `End it there, or here: SELECT pg_terminate_backend(${pid}); As long as it lasts, what is deleted takes room.`,
  );
