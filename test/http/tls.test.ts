import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { OperatorError } from '../../src/core/errors.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { openConnection, requestText } from '../support/http.ts';
import { bodyOf, expectRefusal, keptLog, signed, startReceiver } from '../support/receiver.ts';
import { tempFolder } from '../support/temp.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const TLS = { certFile: fixture('localhost.crt'), keyFile: fixture('localhost.key') };

const postTls = async (url: string, body: string, headers: Record<string, string>): Promise<number | undefined> => {
  const ca = await readFile(TLS.certFile);
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, ca, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject).end(body);
  });
};

test('webhooks are received over HTTPS, with the certificate checked', async () => {
  const receiver = await startReceiver({ tls: TLS });
  expect(receiver.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
  const body = bodyOf('wh_evt_1');
  expect(await postTls(receiver.url, body, signed(body))).toBe(200);
  expect(await receiver.storedIds()).toEqual(['wh_evt_1']);
});

test('forged ones are refused there too, and remembered with their sender', async () => {
  const receiver = await startReceiver({ tls: TLS });
  await expectRefusal(receiver, 'signature_missing', async () => {
    expect(await postTls(receiver.url, bodyOf('wh_evt_1'), {})).toBe(401);
  });
});

test('a client that speaks no TLS gets nowhere, and the bot goes on', async () => {
  const receiver = await startReceiver({ tls: TLS });
  const body = bodyOf('wh_evt_1');
  const plain = await openConnection(receiver.url);
  plain.socket.write(requestText('/webhooks/webkasa', Object.entries(signed(body))));
  expect(await plain.closed()).not.toContain('200');
  expect(await receiver.storedIds()).toEqual([]);
  expect(await postTls(receiver.url, body, signed(body))).toBe(200);
});

describe('a certificate or key that can not be used is said with a remedy', () => {
  const startWith = async (files: Partial<typeof TLS>): Promise<unknown> =>
    startHttpServer({ host: '127.0.0.1', port: 0, tls: { ...TLS, ...files }, routers: [], log: keptLog().log }).then(
      (server) => server[Symbol.asyncDispose](),
      (error: unknown) => error,
    );

  test.each([
    ['TLS_CERT_FILE', 'certFile'],
    ['TLS_KEY_FILE', 'keyFile'],
  ])('%s names a file that is not there', async (name, field) => {
    const file = join(await tempFolder(), 'missing.pem');
    const error = await startWith({ [field]: file });
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({ message: expect.stringContaining(name), remedy: expect.any(String) });
    expect(error).toMatchObject({ message: expect.stringContaining(file) });
  });

  test.each(['certFile', 'keyFile'])('%s is no PEM', async (field) => {
    const file = join(await tempFolder(), 'broken.pem');
    await writeFile(file, 'no certificate');
    const error = await startWith({ [field]: file });
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({ remedy: expect.stringContaining('PEM') });
  });

  test('the key belongs to another certificate', async () => {
    const error = await startWith({ keyFile: fixture('other.key') });
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({ message: expect.stringContaining('TLS_KEY_FILE') });
  });
});
