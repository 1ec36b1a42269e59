import type { App } from '@slack/bolt';
import { describe, expect, test, vi } from 'vitest';
import { slackHeaders } from '../../support/slack-app.ts';
import { connect, DIALOG, SIGNING_SECRET } from './connected.ts';

const FORM = 'application/x-www-form-urlencoded';
const MARK = 'jane.roe@guest.example';

const seconds = (): number => Math.floor(Date.now() / 1000);

/** Counts what gets through. */
const counting = () => {
  const seen: string[] = [];
  const register = (app: App): void => {
    app.command('/webkasa', async ({ ack, command }) => {
      seen.push(command.text);
      await ack();
    });
  };
  return { seen, register };
};

const commandBody = (text: string): string =>
  new URLSearchParams({
    command: '/webkasa',
    text,
    user_id: 'U0ANNA',
    team_id: 'T0EXAMPLE',
    trigger_id: text,
  }).toString();

const post = async (url: string, body: string, headers: Record<string, string>, type = FORM) => {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': type, ...headers } });
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
};

describe('a request is refused and does nothing', () => {
  test.each([
    ['unsigned', () => ({}), 'slack_missing'],
    ['signed with another secret', (body: string) => slackHeaders(body, 'guessed', seconds()), 'slack_wrong'],
    ['signed for another body', () => slackHeaders(commandBody('help'), SIGNING_SECRET, seconds()), 'slack_wrong'],
    ['six minutes old', (body: string) => slackHeaders(body, SIGNING_SECRET, seconds() - 360), 'slack_stale'],
    ['six minutes ahead', (body: string) => slackHeaders(body, SIGNING_SECRET, seconds() + 360), 'slack_stale'],
    [
      'with a signature that is none',
      (body: string) => ({ ...slackHeaders(body, SIGNING_SECRET, seconds()), 'x-slack-signature': 'v0=1' }),
      'slack_malformed',
    ],
  ])('%s', async (_name, headersFor, reason) => {
    const { seen, register } = counting();
    const { url, rejections, logged } = await connect('http', register);
    const body = commandBody(`search ${MARK}`);
    const answer = await post(url, body, headersFor(body));
    expect(answer.status).toBe(401);
    expect(answer.json).toEqual({ error: { code: 'invalid_signature', message: expect.any(String) } });
    expect(rejections).toMatchObject([{ reason, remote: '127.0.0.1', bytes: body.length }]);
    expect(logged.join('')).toContain(reason);
    expect(logged.join('')).not.toContain('jane.roe');
    expect(logged.join('')).not.toContain(SIGNING_SECRET);
    expect(seen).toEqual([]);
  });

  test('sent a second time, by whomever', async () => {
    const { seen, register } = counting();
    const { url, rejections } = await connect('http', register);
    const body = commandBody('retry bk_1');
    const headers = slackHeaders(body, SIGNING_SECRET, seconds());
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(url, body, headers)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
    expect(seen).toEqual(['retry bk_1']);
    expect(rejections.map(({ reason }) => reason)).toEqual(Array.from({ length: 4 }, () => 'slack_replayed'));
  });

  test('larger than a megabyte, or by another method', async () => {
    const { url, rejections } = await connect('http', counting().register);
    const body = 'x'.repeat(1_000_001);
    expect((await post(url, body, slackHeaders(body, SIGNING_SECRET, seconds()))).status).toBe(413);
    expect((await fetch(url)).status).toBe(405);
    expect(rejections).toMatchObject([{ reason: 'slack_payload_too_large' }]);
  });

  test('signed, but no payload', async () => {
    const { url } = await connect('http', counting().register);
    for (const body of ['payload=nothing', 'payload=%5B1%5D', 'payload=null']) {
      const answer = await post(url, body, slackHeaders(body, SIGNING_SECRET, seconds()));
      expect(answer).toMatchObject({ status: 400, json: { error: { code: 'invalid_payload' } } });
    }
  });
});

test('what to do where it was Slack is told once, however many forgeries come', async () => {
  const { url, logged } = await connect('http', counting().register);
  for (let count = 0; count < 5; count += 1) {
    const body = commandBody(`help ${count}`);
    await post(url, body, slackHeaders(body, 'another', seconds()));
  }
  const advice = logged.filter((line) => line.includes('set SLACK_SIGNING_SECRET'));
  expect(advice).toHaveLength(1);
});

test('a content type may name a character set', async () => {
  const { seen, register } = counting();
  const { url } = await connect('http', register);
  const body = commandBody('help');
  const answer = await post(url, body, slackHeaders(body, SIGNING_SECRET, seconds()), `${FORM}; charset=utf-8`);
  expect([answer.status, seen]).toEqual([200, ['help']]);
});

test("Slack's look at the certificate is answered unsigned, and carries nothing in with it", async () => {
  const { seen, register } = counting();
  const { url } = await connect('http', register);
  const answer = await post(url, `ssl_check=1&${commandBody('retry bk_1')}`, {});
  expect([answer.status, answer.text, seen]).toEqual([200, '', []]);
});

test('the address is verified by its challenge, if Slack signed that', async () => {
  const { url } = await connect('http', counting().register);
  const body = JSON.stringify({ type: 'url_verification', challenge: 'abc', token: 'x' });
  const signed = slackHeaders(body, SIGNING_SECRET, seconds());
  expect((await post(url, body, signed, 'application/json')).json).toEqual({ challenge: 'abc' });
  expect((await post(url, body, {}, 'application/json')).status).toBe(401);
});

test('nothing is kept waiting by a handler that does not acknowledge, and its answer still comes', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { slack, logged } = await connect('http', (app) => {
    app.command('/webkasa', async ({ ack, respond }) => {
      await released;
      await ack('too late');
      await respond('there it is');
    });
  });
  const asked = await slack.command('search john');
  expect(asked.acked.status).toBe(200);
  expect((await asked.message()).text).toContain('takes longer');
  release();
  expect((await asked.message(({ text }) => text === 'there it is')).by).toBe('response_url');
  expect(asked.messages()).toHaveLength(2);
  expect(logged.join('')).toContain('was not acknowledged in time');
});

test('a button whose handler fails after it acknowledged: the person is told', async () => {
  const { slack } = await connect('http', (app) => {
    app.command('/webkasa', async ({ ack }) => {
      await ack({ text: 'press', blocks: [{ type: 'actions', elements: [BUTTON] }] });
    });
    app.action('press', async ({ ack }) => {
      await ack();
      throw new Error('broken');
    });
  });
  const pressed = await slack.click(await slack.ask('help'), 'press');
  expect(pressed.acked.status).toBe(200);
  expect((await pressed.message()).text).toContain('went wrong');
});

test('a stop gives what is under way a moment', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let done = false;
  const { slack, connection } = await connect('http', (app) => {
    app.command('/webkasa', async ({ ack }) => {
      await ack();
      await released;
      done = true;
    });
  });
  await slack.command('help');
  const stopped = connection[Symbol.asyncDispose]();
  release();
  await stopped;
  expect(done).toBe(true);
});

test('a dialog whose handler fails says so in its place', async () => {
  const { slack } = await connect('http', (app, client) => {
    app.command('/webkasa', async ({ ack, command }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: DIALOG });
    });
    app.view('dialog', async () => {
      throw new Error('broken');
    });
  });
  const asked = await slack.command('rerun bk_1');
  const submitted = await slack.submit(await asked.dialog());
  expect(JSON.stringify((await submitted.dialog()).view)).toContain('went wrong');
  await vi.waitFor(() => expect(submitted.acked.status).toBe(200), { timeout: 10_000 });
});

const BUTTON = { type: 'button', action_id: 'press', text: { type: 'plain_text', text: 'Press' } } as const;
