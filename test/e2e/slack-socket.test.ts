import { describe, expect, test, vi } from 'vitest';
import { startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { EVENTS_PATH } from '../../src/slack/manifest.ts';
import { BUTTONS } from '../../src/template/slack-buttons.ts';
import { botEnv } from '../support/bot.ts';
import { aWebhook } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';
import { ANNA_ALONE, cardsIn, read, startWorld, wordsOf } from './slack-world.ts';

const aBooking = (n: number) => aWebhook({ id: `wh_evt_${n}`, data: { id: `bk_${n}`, attendee_name: 'John Doe' } });

describe('Socket Mode', () => {
  test('a tour, with a connection that drops in between and an envelope that comes twice', async () => {
    const { slack, send, settled, store } = await startWorld({ by: 'socket', env: ANNA_ALONE, rules: 'rules: []' });
    const subscribed = await slack.command('subscribe booking');
    expect(subscribed.acked).toMatchObject({ status: 200, body: undefined });
    expect(read(await subscribed.message())).toMatch(/is subscribed/);
    await send(aBooking(1));
    await settled();
    expect(cardsIn(slack, 'C0BOOKINGS')).toHaveLength(2);

    slack.socket.drop();
    await vi.waitFor(() => expect(slack.socket.opened()).toBeGreaterThan(1), { timeout: 10_000 });
    await vi.waitFor(() => expect(slack.socket.open()).toBe(1), { timeout: 10_000 });
    const found = await slack.ask('search john');
    expect(read(found)).toContain('bk_1');
    const shown = await (await slack.click(found, BUTTONS.show)).message();
    expect(read(shown)).toContain('John Doe');

    slack.socket.dropOnEnvelope(1);
    expect(read(await slack.ask('pause sub_none'))).toMatch(/no rule or subscription/);
    await slack.ask('unsubscribe');
    const acts = await store.acts({ limit: 10, offset: 0 });
    expect(acts.map(({ kind }) => kind)).toEqual(['unsubscribe', 'subscribe']);

    const dialog = await (await slack.command('rerun bk_1')).dialog(({ view }) => !/Looking at/.test(wordsOf(view)));
    expect(wordsOf(dialog.view)).toMatch(/nothing to do/i);
  }, 30_000);

  test("Slack's address over HTTP says how the bot is reached", async () => {
    const { webhookUrl } = await startWorld({ by: 'socket', rules: 'rules: []' });
    const answer = await fetch(new URL(EVENTS_PATH, webhookUrl()), { method: 'POST', body: '{}' });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('Socket Mode') } });
  });
});

describe('without a Slack app', () => {
  test.each([
    ['nothing', {}, 'SLACK_BOT_TOKEN'],
    [
      'a token alone',
      { SLACK_BOT_TOKEN: 'xoxb-test', SLACK_API_URL: 'http://127.0.0.1:9/api/' },
      'SLACK_SIGNING_SECRET',
    ],
  ])('with %s configured, its address says what to set', async (_, env, missing) => {
    const app = await startApp(readConfig({ ...botEnv(await tempFolder()), ...env }), silentLog());
    try {
      const answer = await fetch(new URL(EVENTS_PATH, app.webhookUrl), { method: 'POST', body: '{}' });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toEqual({
        error: { code: 'slack_not_configured', message: expect.stringContaining(missing) },
      });
    } finally {
      await app.stop();
    }
  });
});
