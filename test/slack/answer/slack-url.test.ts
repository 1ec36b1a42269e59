import { expect, test } from 'vitest';
import { isSlackUrl } from '../../../src/slack/answer/slack-url.ts';

const API = 'https://slack.com/api/';

test.each([
  ['https://hooks.slack.com/commands/T0/1/x', API, true],
  ['https://hooks.slack-gov.com/actions/T0/1/x', API, true],
  // Behind a proxy of the Web API, and at a stand-in.
  ['https://hooks.slack.com/commands/T0/1/x', 'https://proxy.example.com/slack/', true],
  ['http://127.0.0.1:4001/response/1', 'http://127.0.0.1:4000/api/', true],
  ['http://hooks.slack.com/commands/T0/1/x', API, false],
  ['https://hooks.slack.com.example.com/', API, false],
  ['https://notslack.com/', API, false],
  ['https://hooks.slack.com@169.254.169.254/', API, false],
  ['http://169.254.169.254/latest/meta-data', API, false],
  ['http://localhost:6379/', 'https://proxy.example.com/slack/', false],
  ['file:///etc/passwd', API, false],
  ['no address', API, false],
  [undefined, API, false],
])('%s beside %s', (url, apiUrl, slacks) => {
  expect(isSlackUrl(url, apiUrl)).toBe(slacks);
});
