import { expect, onTestFinished, test, vi } from 'vitest';
import { type Log, silentLog } from '../../src/runtime/log.ts';
import { createApiClient } from '../../src/webkasa/client.ts';
import { keptLog } from '../support/receiver.ts';
import { startWebKasaApi, type WebKasaApiOptions } from '../support/webkasa-api.ts';
import { EVENT, inTime } from './world.ts';

const start = async (options: WebKasaApiOptions = {}, log: Log = silentLog()) => {
  const api = await startWebKasaApi({ events: [EVENT], ...options });
  const clientOf = () => createApiClient({ url: api.url, key: api.key, now: Date.now, log });
  const [client, another] = [clientOf(), clientOf()];
  onTestFinished(async () => {
    await Promise.all([client[Symbol.asyncDispose](), another[Symbol.asyncDispose]()]);
    await api.close();
  });
  /** A request of somebody else's: whatever was asked before it has come in by then. */
  const visit = async (): Promise<void> => {
    const answer = await fetch(`${api.url}/api/v1/visit`, { headers: { Authorization: `Bearer ${api.key}` } });
    await answer.text();
  };
  return { api, client, another, visit };
};

test('so few requests are under way at once that nobody is overrun', async () => {
  const { api, client, visit } = await start();
  api.setBehaviour({ as: 'hang' }, 'events');
  for (let request = 0; request < 50; request += 1) void client.get(`events/evt_${request}`, inTime());
  await vi.waitFor(() => expect(api.requests).toHaveLength(6), { timeout: 20_000 });
  await visit();
  expect(api.requests.filter((path) => path !== 'visit')).toHaveLength(6);
  expect(client.busy()).toBe(true);
});

test('who waits for a turn goes without one when their time is over', async () => {
  const { api, client } = await start({ limit: 1 });
  expect(await client.get('events/evt_1', inTime())).toMatchObject({ as: 'found' });
  expect(await client.get('events/evt_1', Date.now() + 50)).toEqual({ as: 'unavailable' });
  expect(api.requests).toHaveLength(1);
});

test('of two processes that share a key, one learns from each answer what the other has used up', async () => {
  const { api, client, another } = await start({ limit: 10 });
  expect(await another.get('events/evt_1', inTime())).toMatchObject({ as: 'found' });
  const asked = Array.from({ length: 9 }, () => client.get('events/evt_1', inTime()));
  expect(new Set((await Promise.all(asked)).map(({ as }) => as))).toEqual(new Set(['found']));
  // What the other knows of its own requests would allow nine more: one is refused, and then it waits.
  expect(another.busy()).toBe(false);
  const waiting = Array.from({ length: 9 }, async (_, index) => {
    if (index > 0) await vi.waitFor(() => expect(api.refusals()).toBe(1));
    return another.get('events/evt_1', Date.now() + 300);
  });
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([{ as: 'unavailable' }]));
  expect([api.refusals(), api.requests.length]).toEqual([1, 11]);
});

test('so many wait for a turn and no more, however many ask', async () => {
  const { api, client } = await start();
  api.setBehaviour({ as: 'hang' });
  const answers = Array.from({ length: 2_100 }, (_, index) => client.get(`events/evt_${index}`, inTime()));
  let answered = 0;
  for (const answer of answers) void answer.then(() => (answered += 1));
  await vi.waitFor(() => expect(answered).toBe(94), { timeout: 5_000 });
});

test('all who wait are answered when the bot stops, and so is who asks after that', async () => {
  const { api, client } = await start();
  api.setBehaviour({ as: 'hang' });
  const asked = Array.from({ length: 10 }, (_, index) => client.get(`events/evt_${index}`, inTime()));
  await client[Symbol.asyncDispose]();
  asked.push(client.get('events/evt_1', inTime()));
  expect(new Set(await Promise.all(asked))).toEqual(new Set([{ as: 'unavailable' }]));
  expect(client.busy()).toBe(false);
});

test('answers that are none of this API are told once, and again where good ones came in between', async () => {
  const { log, lines } = keptLog();
  const { api, client } = await start({}, log);
  const told = (): number => lines.filter((line) => line.includes('WEBKASA_API_URL')).length;
  api.setBehaviour({ as: 'body', body: '<html>Please log in, John</html>' });
  for (let asked = 0; asked < 3; asked += 1)
    expect(await client.get('events/evt_1', inTime())).toEqual({ as: 'unreadable' });
  expect(told()).toBe(1);
  expect(lines.join('')).not.toContain('John');
  api.setBehaviour(undefined);
  expect(await client.get('events/evt_1', inTime())).toMatchObject({ as: 'found' });
  // A refusal of one request, as of too long a page.
  api.setBehaviour({ as: 'status', status: 400 });
  expect(await client.get('events/evt_1', inTime())).toEqual({ as: 'unreadable' });
  expect(told()).toBe(1);
  api.setBehaviour({ as: 'body', body: '[]' });
  await client.get('events/evt_1', inTime());
  expect(told()).toBe(2);
});

test('those that met the limit go before those that were asked for after them', async () => {
  const { api, client } = await start();
  api.setBehaviour({ as: 'status', status: 429, headers: { 'Retry-After': '1' } }, 'events');
  const asked = Array.from({ length: 7 }, (_, index) => client.get(`events/evt_${index}`, inTime()));
  await vi.waitFor(() => expect(api.requests).toHaveLength(6), { timeout: 20_000 });
  api.setBehaviour(undefined);
  await Promise.all(asked);
  expect(api.requests.slice(6).toSorted()).toEqual(Array.from({ length: 7 }, (_, index) => `events/evt_${index}`));
  // It had to wait for one of the others to be answered.
  expect(api.requests[6]).not.toBe('events/evt_6');
});

test('lists of registrations go before all that waits', async () => {
  const { api, client } = await start();
  api.setBehaviour({ as: 'slow', milliseconds: 300 });
  const path = 'events/evt_1/registrations?limit=100&offset=0';
  const asked = Array.from({ length: 30 }, (_, index) => client.get(`bookings/bk_${index}`, inTime()));
  asked.push(client.get(path, inTime()));
  await Promise.all(asked);
  // The first six were under way already.
  expect(api.requests.slice(6, 12)).toContain(path);
});
