import { Client } from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressOf, connectionTo } from '../../../src/store/postgres/connection.ts';

const AT = 'postgres://bot:p%40ss@db.example.com:5432/bot';

type Parameters = { readonly [name in 'application_name' | 'options']: string } & {
  readonly [name in 'statement_timeout' | 'query_timeout']: number;
};

const parametersOf = (url: string): Parameters =>
  (new Client(connectionTo(url)) as unknown as { readonly connectionParameters: Parameters }).connectionParameters;

afterEach(() => void vi.restoreAllMocks());

describe('a database that is reached over TLS', () => {
  it.each(['prefer', 'require', 'verify-ca', 'verify-full'])(
    'is checked as the driver does with %s, which warns of nothing',
    (mode) => {
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
      const client = new Client(connectionTo(`${AT}?sslmode=${mode}&application_name=x`));
      // The driver's own word for: with TLS, and only to the server that its certificate names.
      expect(client).toMatchObject({ ssl: {}, connectionParameters: { ssl: {}, host: 'db.example.com' } });
      expect(client).not.toMatchObject({ connectionParameters: { ssl: { rejectUnauthorized: false } } });
      expect(warned).not.toHaveBeenCalled();
    },
  );

  it.each([
    AT,
    `${AT}?sslmode=disable`,
    `${AT}?sslmode=no-verify`,
    `${AT}?uselibpqcompat=true&sslmode=require`,
    `${AT}?sslmode=required`,
  ])('is meant as it is written in %s', (url) => {
    expect(addressOf(url)).toBe(url);
  });
});

it('keeps the settings of the bot, whatever the address says', () => {
  const own = 'application_name=mine&statement_timeout=1&query_timeout=1&idle_in_transaction_session_timeout=1';
  const { application_name, statement_timeout, query_timeout, options } = parametersOf(
    `${AT}?${own}&options=-c%20search_path%3Dbot%20-c%20synchronous_commit%3Doff&connect_timeout=3`,
  );
  expect({ application_name, statement_timeout, query_timeout }).toEqual({
    application_name: 'webkasa-bot',
    statement_timeout: 30_000,
    query_timeout: 35_000,
  });
  // Of one setting PostgreSQL takes the last.
  expect(options).toMatch(/^-c search_path=bot -c synchronous_commit=off .*-c synchronous_commit=on/);
});
