import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { OperatorError } from '../../../src/core/errors.ts';
import { reachDatabase } from '../../../src/store/postgres/reach.ts';
import { lastingPort } from '../../support/port.ts';
import { openTestDatabase } from '../../support/postgres.ts';

const aDatabase = async (): Promise<{ url: string; run(statement: string): Promise<unknown> }> => {
  const { url, close } = await openTestDatabase();
  onTestFinished(close);
  const run = async (statement: string): Promise<unknown> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    return client.query(statement).finally(() => client.end());
  };
  return { url, run };
};

const refusalOf = async (url: string, named?: '--to'): Promise<OperatorError> => {
  const error = await reachDatabase(url, named).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OperatorError);
  return error as OperatorError;
};

const changed = (url: string, change: (parts: URL) => void): string => {
  const parts = new URL(url);
  change(parts);
  return parts.href;
};

const SECRET = 'hush-hush';

test('a usable database is accepted', async () => {
  const { url } = await aDatabase();
  await reachDatabase(url);
});

test('a database that does not answer is named by host and port, without the password', async () => {
  const port = await lastingPort();
  const { message, remedy } = await refusalOf(`postgres://bot:${SECRET}@127.0.0.1:${port}/bot`);
  expect(message).toContain(`No database answers at 127.0.0.1:${port}.`);
  expect(remedy).toContain('Start PostgreSQL there');
  expect(message + remedy).not.toContain(SECRET);
});

test('a user that is not let in is told from a database that is not there', async () => {
  const { url, run } = await aDatabase();
  const user = `locked_${new URL(url).pathname.slice(1, 20)}`;
  await run(`CREATE ROLE ${user} NOLOGIN PASSWORD '${SECRET}'`);
  onTestFinished(async () => void (await run(`DROP ROLE ${user}`)));
  const locked = await refusalOf(
    changed(url, (parts) => {
      parts.username = user;
      parts.password = SECRET;
    }),
  );
  expect(locked.message).toContain(`does not let ${user} in: wrong password, or not allowed`);
  expect(locked.message + locked.remedy).not.toContain(SECRET);
  const absent = await refusalOf(
    changed(url, (parts) => {
      parts.pathname = '/nowhere_at_all';
    }),
  );
  expect(absent.message).toBe('There is no database "nowhere_at_all" on that server.');
  expect(absent.remedy).toMatch(/createdb.*DATABASE_URL/);
});

test('the setting to mend is named as it was given', async () => {
  const { url } = await aDatabase();
  const absent = await refusalOf(
    changed(url, (parts) => {
      parts.pathname = '/nowhere_at_all';
    }),
    '--to',
  );
  expect(absent.remedy).toMatch(/mend its name in --to/);
});

test('a missing file that the address refers to is named', async () => {
  const { message, remedy } = await refusalOf(
    `postgres://bot:${SECRET}@127.0.0.1:1/bot?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`,
  );
  expect(message).toMatch(/DATABASE_URL.*no such file.*\/nowhere\/ca\.pem/);
  expect(message + remedy).not.toContain(SECRET);
});

test('a user that may not make tables is named, with what to grant', async () => {
  const { url, run } = await aDatabase();
  const user = `guest_${new URL(url).pathname.slice(1, 20)}`;
  await run(`CREATE ROLE ${user} LOGIN PASSWORD '${SECRET}'`);
  onTestFinished(async () => void (await run(`DROP ROLE ${user}`)));
  const asGuest = changed(url, (parts) => {
    parts.username = user;
    parts.password = SECRET;
  });
  const { message, remedy } = await refusalOf(asGuest);
  expect(message).toContain(`The user ${user} may not make tables`);
  expect(remedy).toContain('OWNER TO');
  expect(message + remedy).not.toContain(SECRET);
});

test('a pooler is named, with what to do instead', async () => {
  // As PgBouncer answers whoever asks for settings of a session.
  const fields = 'SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0';
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  const pooler = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)])));
  });
  pooler.listen(0, '127.0.0.1');
  await once(pooler, 'listening');
  onTestFinished(() => void pooler.close());
  const { port } = pooler.address() as AddressInfo;

  const { message, remedy } = await refusalOf(`postgres://bot:${SECRET}@127.0.0.1:${port}/bot`);

  expect(message).toContain('unsupported startup parameter: statement_timeout');
  expect(remedy).toContain('PgBouncer');
  expect(message + remedy).not.toContain(SECRET);
});
