import { Client } from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressOf, connectionTo } from '../../../src/store/postgres/connection.ts';

const AT = 'postgres://bot:p%40ss@db.example.com:5432/bot';

afterEach(() => void vi.restoreAllMocks());

describe('a database that is to be reached by TLS', () => {
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
