import { describe, expect, test } from 'vitest';
import { type Answerer, createAnswerer } from '../../../src/slack/answer/answerer.ts';
import type { SlackAnswer } from '../../../src/slack/view/answer.ts';
import { keptLog } from '../../support/receiver.ts';
import { ANNA } from '../../support/slack-app.ts';
import type { Interaction, SlackApp, SlackAppOptions } from '../../support/slack-app-types.ts';
import { connect } from '../connection/connected.ts';

const MARK = 'jane.roe@guest.example';

const saying = (text: string): SlackAnswer => ({
  text,
  blocks: [{ type: 'section', text: { type: 'plain_text', text } }],
});

type World = {
  readonly slack: SlackApp;
  readonly asked: Interaction;
  readonly answerer: Answerer;
  readonly logged: readonly string[];
};

/** Somebody asked in a channel, was acknowledged, and waits for the answer. */
const asking = async (
  options: SlackAppOptions & { channel?: string; clock?: () => number; fetch?: typeof fetch; onButton?: boolean } = {},
): Promise<World> => {
  const { channel = 'C0BOOKINGS', clock = Date.now, onButton = false, fetch: send, ...slackOptions } = options;
  const { slack, connection } = await connect(
    'http',
    (app) => {
      app.command('/webkasa', async ({ ack }) => {
        await ack({
          text: 'press',
          blocks: [
            {
              type: 'actions',
              elements: [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'A' } }],
            },
          ],
        });
      });
      app.action('a', async ({ ack }) => ack());
    },
    slackOptions,
  );
  const typed = await slack.command('help', { channel });
  const asked = onButton ? await slack.click(await typed.message(), 'a') : typed;
  const { log, lines } = keptLog();
  const answerer = createAnswerer({
    responseUrl: asked.responseUrl,
    client: connection.client,
    channel,
    user: ANNA.id,
    now: clock,
    log,
    ...(send && { fetch: send }),
  });
  return { slack, asked, answerer, logged: lines };
};

const said = (slack: SlackApp): string[] => slack.messages.map(({ text }) => text).filter((text) => text !== 'press');

test('a reply is for the asker alone, a post for the channel', async () => {
  const { slack, answerer } = await asking();
  expect(await answerer.reply(saying('one'))).toBe('sent');
  expect(await answerer.post(saying('two'))).toBe('sent');
  expect(slack.messages.slice(-2)).toMatchObject([
    { text: 'one', onlyFor: ANNA.id, by: 'response_url' },
    { text: 'two', onlyFor: undefined, by: 'response_url' },
  ]);
});

test('the message of a button is replaced, or taken away', async () => {
  const { slack, answerer } = await asking({ onButton: true });
  await answerer.replace(saying('page two'));
  expect(slack.messages).toMatchObject([{ text: 'page two', onlyFor: ANNA.id }]);
  await answerer.remove();
  expect(slack.messages).toEqual([]);
});

describe('when the response_url is of no more use', () => {
  test('after five uses, answers come as ephemeral messages', async () => {
    let posts = 0;
    const counted: typeof fetch = (...request) => {
      posts += 1;
      return fetch(...request);
    };
    const { slack, answerer } = await asking({ fetch: counted });
    for (const number of [1, 2, 3, 4, 5, 6, 7]) expect(await answerer.reply(saying(`${number}`))).toBe('sent');
    expect(said(slack)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(posts).toBe(5);
    expect(slack.messages.slice(-3).map(({ by, onlyFor }) => [by, onlyFor])).toEqual([
      ['response_url', ANNA.id],
      ['chat.postEphemeral', ANNA.id],
      ['chat.postEphemeral', ANNA.id],
    ]);
  });

  test('after half an hour, without Slack having to say so', async () => {
    let time = Date.now();
    const { slack, answerer } = await asking({ clock: () => time });
    time += 30 * 60_000;
    await answerer.replace(saying('late'));
    expect(slack.messages.at(-1)).toMatchObject({ text: 'late', by: 'chat.postEphemeral' });
  });

  test.each(['used_url', 'expired_url'] as const)('because Slack says so: %s', async (how) => {
    const { slack, answerer } = await asking();
    slack.breakResponseUrls(how);
    expect(await answerer.reply(saying('answer'))).toBe('sent');
    expect(slack.messages.at(-1)).toMatchObject({ text: 'answer', by: 'chat.postEphemeral' });
  });

  test('where the bot is not in the channel, or the asker is not, they come as a direct message', async () => {
    for (const options of [{ channel: 'C0GENERAL1' }, { outsiders: [ANNA.id] }, { channel: 'D0SOMEBODY' }]) {
      const { slack, answerer } = await asking(options);
      slack.breakResponseUrls('used_url');
      expect(await answerer.reply(saying('answer'))).toBe('sent');
      expect(slack.messages.at(-1)).toMatchObject({ text: 'answer', channel: ANNA.id, by: 'chat.postMessage' });
    }
  });

  test('a post goes to the channel by the Web API', async () => {
    const { slack, answerer } = await asking();
    slack.breakResponseUrls('expired_url');
    expect(await answerer.post(saying('for all'))).toBe('sent');
    expect(slack.api.posts).toMatchObject([{ channel: 'C0BOOKINGS', text: 'for all' }]);
  });

  test('where no way is open, that is logged by its code, and nothing is thrown', async () => {
    const { slack, answerer, logged } = await asking();
    slack.refuse('bot', 'token_revoked');
    slack.breakResponseUrls('used_url', 3);
    const ways = [() => answerer.reply(saying(MARK)), () => answerer.post(saying(MARK)), () => answerer.remove()];
    for (const [index, code] of ['token_revoked', 'token_revoked', 'used_url'].entries()) {
      expect(await ways[index]?.()).toBe('unsent');
      expect(logged).toHaveLength(index + 1);
      expect(logged[index]).toContain(code);
    }
    expect(logged.join('')).not.toContain(MARK);
    expect(logged.join('')).not.toContain('127.0.0.1');
  });
});

describe('where it is unclear whether Slack took it', () => {
  test('what all would see is not sent again', async () => {
    const { slack, answerer, logged } = await asking();
    slack.breakResponseUrls('reset_after');
    expect(await answerer.post(saying('once'))).toBe('unclear');
    expect(said(slack)).toEqual(['once']);
    expect(slack.api.posts).toEqual([]);
    expect(logged.join('')).toContain('may not have been sent');
  });

  test.each(['reset', 'http_500'] as const)('an answer for one person is, by another way: %s', async (how) => {
    const { slack, answerer } = await asking();
    slack.breakResponseUrls(how);
    expect(await answerer.reply(saying('answer'))).toBe('sent');
    expect(slack.messages.at(-1)).toMatchObject({ text: 'answer', by: 'chat.postEphemeral' });
  });

  test('replacing and removing are done again, since twice comes to the same', async () => {
    const { slack, answerer } = await asking({ onButton: true });
    slack.breakResponseUrls('reset_after');
    expect(await answerer.replace(saying('page two'))).toBe('sent');
    expect(said(slack)).toEqual(['page two']);
    slack.breakResponseUrls('reset_after');
    expect(await answerer.remove()).toBe('sent');
    expect(slack.messages).toEqual([]);
  });
});

test('blocks that Slack refuses do not cost the answer: its text comes alone', async () => {
  const { slack, answerer, logged } = await asking();
  const tooMany = { text: 'much', blocks: Array.from({ length: 51 }, () => ({ type: 'divider' as const })) };
  expect(await answerer.reply(tooMany)).toBe('sent');
  expect(slack.messages.at(-1)).toMatchObject({ text: 'much', blocks: [], by: 'response_url' });
  expect(logged.join('')).toContain('invalid_blocks');
});

test('without a response_url, as after a dialog, answers find the asker all the same', async () => {
  const { slack } = await asking();
  const { log } = keptLog();
  const { connection } = await connect('http', () => undefined);
  const answerer = createAnswerer({
    responseUrl: undefined,
    client: connection.client,
    channel: undefined,
    user: ANNA.id,
    now: Date.now,
    log,
  });
  expect(await answerer.reply(saying('done'))).toBe('sent');
  expect(await answerer.remove()).toBe('unsent');
  expect(said(slack)).toEqual([]);
});
