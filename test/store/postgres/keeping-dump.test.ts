import { expect, test } from 'vitest';
import { libpqEnvironment } from '../../../src/store/postgres/keeping-dump.ts';

const BOT = { PGHOST: 'db.example.com', PGPORT: '5432', PGUSER: 'bot', PGDATABASE: 'bot' };

test.each([
  ['postgres://bot:p%40ss@db.example.com:6000/kasa', { PGPORT: '6000', PGPASSWORD: 'p@ss', PGDATABASE: 'kasa' }],
  // The database of a user without another name: a copy of any other would be a copy of the wrong one.
  ['postgres://bot@db.example.com', {}],
  ['postgres://bot@[::1]/bot', { PGHOST: '::1' }],
  ['postgres:///bot?host=/run/postgresql&user=bot', { PGHOST: '/run/postgresql' }],
  ['postgres://db.example.com/bot?user=bot&password=50%25%26', { PGPASSWORD: '50%&' }],
  ['postgres://bot:50%off@db.example.com/bot', { PGPASSWORD: '50%off' }],
  // A word of the driver's own: with TLS, to a server that may have any certificate.
  ['postgres://bot@db.example.com/bot?sslmode=no-verify', { PGSSLMODE: 'require' }],
  ['postgres://bot@db.example.com/bot?sslmode=disable', { PGSSLMODE: 'disable' }],
  ['postgres://bot@db.example.com/bot?options=-c%20search_path%3Dkasa', { PGOPTIONS: '-c search_path=kasa' }],
])('pg_dump and pg_restore connect where the driver does: %s', (url, own) => {
  expect(libpqEnvironment(url)).toEqual({ ...BOT, ...own });
});
