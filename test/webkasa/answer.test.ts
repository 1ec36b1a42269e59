import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../src/webkasa/answer.ts';

const THEIRS = Date.UTC(2031, 5, 1, 12);

const limited = (headers: Readonly<Record<string, string>>, body: unknown = {}): Response =>
  new Response(JSON.stringify(body), { status: 429, headers });

describe('a limit that is reached', () => {
  test.each([
    ['in seconds', limited({ 'Retry-After': '45' }), 45_000],
    [
      "as a date, by the server's own clock",
      limited({ 'Retry-After': new Date(THEIRS + 30_000).toUTCString(), Date: new Date(THEIRS).toUTCString() }),
      31_000,
    ],
    ['in the body alone', limited({}, { code: 'RATE_LIMITED', retry_after: 45 }), 45_000],
    ['in the body, beside a header that is none', limited({ 'Retry-After': 'soon' }, { retry_after: 20 }), 20_000],
    ['nowhere, so for a minute', limited({}), 60_000],
    ['as nothing, so for a second', limited({ 'Retry-After': '0' }), 1_000],
    ['as days, so for ten minutes', limited({ 'Retry-After': '999999' }), 600_000],
    ['as what is no number, so for a minute', limited({ 'Retry-After': '-5' }, { retry_after: '45' }), 60_000],
  ])('says for how long %s', async (_, response, retryAfter) => {
    expect(await readAnswer(response)).toEqual({ as: 'limited', retryAfter });
  });
});

test.each([
  [500, 'unavailable'],
  [503, 'unavailable'],
  [408, 'unavailable'],
  [401, 'refused'],
  [403, 'refused'],
  [404, 'absent'],
  [410, 'absent'],
  [400, 'unreadable'],
  [201, 'unreadable'],
])('status %i is told as %s, whatever the body', async (status, as) => {
  for (const body of ['', '{"data":{"id":"bk_1"}}', '<html>'])
    expect((await readAnswer(new Response(body, { status }))).as).toBe(as);
});

test('what is nested deeply is cut, so that nobody who walks through it runs out of stack', async () => {
  const depth = 100_000;
  const answer = await readAnswer(new Response(`{"data":{"id":"bk_1","x":${'['.repeat(depth)}${']'.repeat(depth)}}}`));
  let levels = 0;
  for (let at: unknown = answer; typeof at === 'object' && at !== null; at = Object.values(at).at(-1)) levels += 1;
  expect(levels).toBeLessThan(50);
  expect(answer.as).toBe('found');
});

test('a body that never ends is read to a megabyte', async () => {
  let sent = 0;
  const chunk = new TextEncoder().encode('x'.repeat(100_000));
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  expect(await readAnswer(new Response(endless))).toEqual({ as: 'unreadable' });
  expect(sent).toBeLessThan(2_000_000);
});

test('characters that fall between two pieces of a body stay whole', async () => {
  const bytes = new TextEncoder().encode('{"data":{"id":"bk_1","title":"Fußpflege für Zoë 💅"}}');
  const bytewise = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  expect(await readAnswer(new Response(bytewise))).toMatchObject({ body: { data: { title: 'Fußpflege für Zoë 💅' } } });
});

test('a body that breaks off rejects', async () => {
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"data":'));
      controller.error(new Error('the connection broke'));
    },
  });
  await expect(readAnswer(new Response(broken))).rejects.toThrow('the connection broke');
});
