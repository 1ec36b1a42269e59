import Router from '@koa/router';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HttpError, methodNotAllowed } from '../../src/http/errors.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { openConnection, requestText } from '../support/http.ts';
import { keptLog } from '../support/receiver.ts';

const DETAIL = 'connect postgres://bot:hunter2@db';

const start = async () => {
  const { log, lines } = keptLog();
  const router = new Router();
  router.get('/broken', () => {
    throw new Error(DETAIL);
  });
  router.get('/broken-late', async (ctx) => {
    ctx.body = { half: 'done' };
    await Promise.resolve();
    throw new TypeError(DETAIL);
  });
  router.get('/no-error', () => Promise.reject(DETAIL));
  router.get('/teapot', () => {
    throw new HttpError(418, 'teapot', 'Short and stout.', { 'X-Handle': 'here' });
  });
  router.all('/get-only', methodNotAllowed('GET'));
  const server = await startHttpServer({ host: '127.0.0.1', port: 0, tls: undefined, routers: [router], log });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { url: server.url, lines };
};

describe('an error nobody foresaw', () => {
  test.each(['/broken', '/broken-late', '/no-error'])(
    '%s is answered without a detail, and logged with it',
    async (path) => {
      const { url, lines } = await start();
      const answer = await fetch(`${url}${path}`);
      expect(answer.status).toBe(500);
      expect(await answer.json()).toEqual({ error: { code: 'internal', message: 'Something went wrong here.' } });
      const errors = lines.filter((line) => JSON.parse(line).level >= 50);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toContain(DETAIL);
      expect(errors[0]).toContain(path);
    },
  );
});

test('an error that was foreseen is answered as it is, and not logged', async () => {
  const { url, lines } = await start();
  const answer = await fetch(`${url}/teapot`);
  expect([answer.status, answer.headers.get('x-handle')]).toEqual([418, 'here']);
  expect(await answer.json()).toEqual({ error: { code: 'teapot', message: 'Short and stout.' } });
  expect(lines).toEqual([]);
});

test('a path nobody serves is answered in the same shape', async () => {
  const { url, lines } = await start();
  const answer = await fetch(`${url}/nothing?x=1`);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ error: { code: 'not_found', message: 'Nothing is served at /nothing.' } });
  expect(lines).toEqual([]);
});

test('a method that is not allowed names the one that is', async () => {
  const { url } = await start();
  const answer = await fetch(`${url}/get-only`, { method: 'DELETE' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  expect(await answer.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
});

test.each(['http://[:80/', 'http://[::1]:port/', 'http://%zz:x@host/'])(
  'a request line without a valid URL is refused: %s',
  async (target) => {
    const { url, lines } = await start();
    const connection = await openConnection(url);
    connection.socket.write(requestText(target, [['Connection', 'close']], 'GET'));
    const received = await connection.closed();
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).toContain('{"error":{"code":"bad_request"');
    expect(lines).toEqual([]);
  },
);
