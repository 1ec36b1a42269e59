import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NODE } from '../support/bot.ts';
import { ROOT } from './files.ts';

const check = (port: number | ''): Promise<{ code: unknown; err: string }> =>
  new Promise((settle) => {
    const env = { PORT: String(port), TLS_CERT_FILE: '' };
    execFile(NODE, [join(ROOT, 'bin/healthcheck.js')], { env }, (error, _, err) =>
      settle({ code: error ? error.code : 0, err }),
    );
  });

const serving = async (status: number): Promise<number> => {
  const server = createServer((request, answer) => {
    answer.writeHead(request.url === '/healthz' ? status : 404).end();
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return (server.address() as AddressInfo).port;
};

test('the health check of the container is well where the bot answers, and only there', async () => {
  expect(await check(await serving(200))).toEqual({ code: 0, err: '' });
  expect(await check(await serving(503))).toEqual({ code: 1, err: 'answered with 503\n' });
  expect(await check(1)).toMatchObject({ code: 1, err: expect.stringContaining('ECONNREFUSED') });
});

test('an empty PORT is the usual one, as it is for the bot', async () => {
  const { err } = await check('');
  expect(err).not.toContain(':80');
});
