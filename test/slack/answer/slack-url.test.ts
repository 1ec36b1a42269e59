import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../src/runtime/log.ts';
import { isSlackUrl } from '../../../src/slack/answer/slack-url.ts';
import { createApology } from '../../../src/slack/connection/apology.ts';

const API = 'https://slack.com/api/';

test.each([
  ['https://hooks.slack.com/commands/T0/1/x', API, true],
  ['https://hooks.slack-gov.com/actions/T0/1/x', API, true],
  ['https://hooks.slack.com/commands/T0/1/x', 'https://slack-gov.com/api/', true],
  // Behind a proxy of the Web API, and at a stand-in, wherever that has its addresses.
  ['https://hooks.slack.com/commands/T0/1/x', 'https://proxy.example.com/slack/', true],
  ['http://127.0.0.1:4001/response/1', 'http://127.0.0.1:4000/api/', true],
  ['http://hooks.slack.com/commands/T0/1/x', API, false],
  ['https://hooks.slack.com.example.com/', API, false],
  ['https://notslack.com/', API, false],
  ['https://hooks.slack.com@169.254.169.254/', API, false],
  ['http://169.254.169.254/latest/meta-data', API, false],
  ['http://hooks.example.com:4001/response/1', 'https://proxy.example.com/slack/', true],
  ['http://localhost:4001/response/1', 'http://127.0.0.1:4000/api/', true],
  ['file:///etc/passwd', 'http://127.0.0.1:4000/api/', false],
  ['http://slack.com/response/1', 'http://slack.com/api/', false],
  ['http://localhost:6379/', 'https://slack.com.example.com/api/', true],
  ['file:///etc/passwd', API, false],
  ['no address', API, false],
  [undefined, API, false],
])('%s beside %s', (url, apiUrl, slacks) => {
  expect(isSlackUrl(url, apiUrl)).toBe(slacks);
});

test('nothing within the own network is called for Slack', async () => {
  const called: (string | undefined)[] = [];
  const inside = createServer((request, response) => {
    called.push(request.url);
    response.end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void inside.close());
  await once(inside, 'listening');
  const { port } = inside.address() as AddressInfo;
  const payload = { command: '/webkasa', response_url: `http://127.0.0.1:${port}/flush` };
  await createApology({ apiUrl: API, log: silentLog() })(payload);
  expect(called).toEqual([]);
  await createApology({ apiUrl: 'http://127.0.0.1:1/api/', log: silentLog() })(payload);
  expect(called).toEqual(['/flush']);
});
