import { Client } from 'pg';
import { messageOf, OperatorError } from '../../core/errors.ts';
import { connectionTo } from './connection.ts';
import { sqlState, toFailure } from './failure.ts';
import { halfMoved } from './keeping-move.ts';

/** The oldest version that has everything the schema uses. */
const OLDEST = 14;
/** Shipped with PostgreSQL, though distributions may put them in a package of their own. */
const EXTENSIONS = ['pg_trgm'];

/** Where the address was written, to be named in messages. */
type Named = 'DATABASE_URL' | '--to';

/**
 * Checks that a bot can work with this database, and tells whether it is empty: no bot has ever kept anything there. Throws an
 * OperatorError that says what is in the way and what to do about it, without the password. Only the target of a move (`--to`)
 * may be half moved to already.
 */
export const reachDatabase = async (
  url: string,
  named: Named = 'DATABASE_URL',
): Promise<{ readonly empty: boolean }> => {
  const client = clientOf(url, named);
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Facts>(FACTS, [EXTENSIONS]);
    for (const facts of rows) refuse(facts, named);
    return { empty: rows.some(({ empty }) => empty) };
  } catch (error) {
    throw error instanceof OperatorError ? error : unreachable(error, client, named);
  } finally {
    await client.end().catch(() => {});
  }
};

/** The driver reads the certificates that an address names as soon as it is given that. */
const clientOf = (url: string, named: Named): Client => {
  const connection = connectionTo(url);
  try {
    return new Client(connection);
  } catch (error) {
    throw new OperatorError(`The address in ${named} can't be used: ${messageOf(error)}.`, {
      remedy: 'Mend what it names, or leave that away.',
      cause: error,
    });
  }
};

type Facts = {
  readonly version: number;
  readonly user: string;
  readonly database: string;
  readonly missing: readonly string[] | null;
  readonly empty: boolean;
  readonly moving: boolean;
  readonly begun: boolean;
  readonly tables: boolean;
  readonly schemas: boolean;
};

const FACTS = `SELECT current_setting('server_version_num')::integer / 10000 AS version, current_user::text AS user,
  current_database()::text AS database,
  (SELECT array_agg(name) FROM unnest($1::text[]) AS name
    WHERE name NOT IN (SELECT a.name::text FROM pg_available_extensions AS a)) AS missing,
  to_regclass('schema_version') IS NULL AS empty, to_regclass('moving') IS NOT NULL AS moving,
  EXISTS (SELECT FROM pg_namespace WHERE nspname = 'webkasa_jobs') AS begun,
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS tables,
  has_database_privilege(current_database(), 'CREATE') AS schemas`;

const refuse = ({ version, user, database, missing, moving, begun, tables, schemas }: Facts, named: Named): void => {
  if (moving && named !== '--to') throw halfMoved();
  if (version < OLDEST) {
    throw new OperatorError(`PostgreSQL ${version} is too old: the bot needs ${OLDEST} or newer.`, {
      remedy: `Upgrade the server, or point ${named} at a newer one.`,
    });
  }
  if (missing) {
    throw new OperatorError(`The database server lacks the extension ${missing.join(' and ')}.`, {
      remedy: 'Install it on the server: it comes with PostgreSQL, in many systems as the package postgresql-contrib.',
    });
  }
  if (!tables || (!begun && !schemas)) {
    throw new OperatorError(`The user ${user} may not make tables in the database ${database}.`, {
      remedy: `Let it own the database: ALTER DATABASE "${database}" OWNER TO "${user}"; and GRANT CREATE ON SCHEMA public TO "${user}";`,
    });
  }
};

const unreachable = (error: unknown, client: Client, named: Named): OperatorError => {
  const { user = 'this system user', database = user } = client;
  const server = `${client.host}:${client.port}`;
  switch (sqlState(error)) {
    case '28P01':
    case '28000':
      return new OperatorError(`The database server does not let ${user} in: wrong password, or not allowed.`, {
        remedy: `Mend user and password in ${named} (signs like @ or / as %40 or %2F), or allow the user in pg_hba.conf.`,
      });
    case '3D000':
      return new OperatorError(`There is no database "${database}" on that server.`, {
        remedy: `Make it: createdb --owner="${user}" "${database}". Or mend its name in ${named}.`,
      });
    case '42501':
      return new OperatorError(`The user ${user} may not use the database "${database}".`, {
        remedy: `Let it: ALTER DATABASE "${database}" OWNER TO "${user}";`,
      });
    case '53300':
      return new OperatorError('The database server has no connection left.', {
        remedy: 'Raise max_connections there (a bot process takes up to 16), or run fewer processes.',
      });
    case '08P01':
      return new OperatorError(
        `What answers at ${server} is no PostgreSQL server itself. ${toFailure(error).message}`,
        {
          remedy: `Poolers like PgBouncer lend each transaction another connection, which the bot can not work with: point ${named} at the server itself. The bot has a pool of its own.`,
        },
      );
    case undefined:
      return new OperatorError(`No database answers at ${server}. ${toFailure(error).message}`, {
        remedy: `Start PostgreSQL there, let this machine reach it, or mend ${named}.`,
      });
    default:
      return new OperatorError(toFailure(error).message, {
        remedy: 'See the log of the database server, then start again.',
      });
  }
};
