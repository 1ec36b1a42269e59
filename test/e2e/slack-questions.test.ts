import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EVENTS_PATH } from '../../src/slack/manifest.ts';
import { BUTTONS } from '../../src/template/slack-buttons.ts';
import { aWebhook } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { BEN, GUEST, slackHeaders } from '../support/slack-app.ts';
import { buttonsOn, cardsIn, read, SIGNING_SECRET, startWorld } from './slack-world.ts';

// The bot's clock is the real one, and nobody is mailed of what has begun.
const FAR_AWAY = { start_time: '2099-02-15T10:00:00Z', end_time: '2099-02-15T11:00:00Z' };

const aBooking = (n: number, data: Readonly<Record<string, unknown>> = {}) =>
  aWebhook({ id: `wh_evt_${n}`, data: { id: `bk_${n}`, attendee_name: 'John Doe', ...FAR_AWAY, ...data } });

describe('questions', () => {
  test('each is acknowledged with nothing, and answered to the asker alone', async () => {
    const { slack, send, settled } = await startWorld();
    await send(aBooking(1, { start_time: new Date(Date.now() + 2 * 86_400_000).toISOString() }));
    await settled();
    const answers: Readonly<Record<string, RegExp>> = {
      'search john': /John Doe[\s\S]*bk_1/,
      'search status:pending type:booking': /bk_1/,
      'SEARCH \u201cjohn doe\u201d': /bk_1/,
      'search nobody': /Nothing is found[\s\S]*Try/,
      'show bk_1': /John Doe/,
      'show wh_evt_1': /John Doe/,
      'why bk_1': /mail-booking-created/,
      'why bk_none': /Nothing is known under/,
      today: /Nothing takes place/,
      upcoming: /John Doe/,
      failed: /\S/,
      rules: /mail-booking-created[\s\S]*slack-bookings/,
      help: /subscribe/,
      '': /search/,
      'help retry': /Tries again/,
      'serch john': /Did you mean[\s\S]*search john/,
      bk_1: /Did you mean[\s\S]*show bk_1/,
    };
    for (const [typed, words] of Object.entries(answers)) {
      const asked = await slack.command(typed);
      expect(asked.acked, typed).toMatchObject({ status: 200, body: undefined });
      const answer = await asked.message();
      expect(answer, typed).toMatchObject({ onlyFor: 'U0ANNA', channel: 'C0BOOKINGS', by: 'response_url' });
      expect(answer.text.trim(), typed).not.toBe('');
      expect(read(answer), typed).toMatch(words);
      expect(asked.messages(), typed).toHaveLength(1);
    }
  }, 30_000);

  test('long results have pages, which take the place of one another', async () => {
    const { slack, send, settled } = await startWorld({ rules: 'rules: []' });
    for (let n = 1; n <= 23; n += 1) await send(aBooking(n));
    await settled();
    const first = await slack.ask('search john');
    expect(read(first)).toMatch(/1 to 10/);
    const second = await (await slack.click(first, BUTTONS.ask, { label: 'More' })).message();
    expect(second.ts).toBe(first.ts);
    expect(read(second)).toMatch(/11 to 20/);
    const third = await (await slack.click(second, BUTTONS.ask, { label: 'More' })).message();
    expect(read(third)).toMatch(/21 to 23/);
    expect(buttonsOn(third.blocks)).not.toContain('More');
    const back = await (await slack.click(third, BUTTONS.ask, { label: 'Back' })).message();
    expect(read(back)).toMatch(/11 to 20/);
    expect(slack.messages.filter(({ ts }) => ts === first.ts)).toHaveLength(1);
  }, 20_000);

  test('an answer is posted to the channel once, with who asked, and the private one goes', async () => {
    const { slack, send, settled } = await startWorld({ rules: 'rules: []' });
    await send(aBooking(1));
    await settled();
    const answer = await slack.ask('show bk_1', { user: BEN });
    const clicks = await Promise.all([
      slack.click(answer, BUTTONS.post, { user: BEN }),
      slack.click(answer, BUTTONS.post, { user: BEN }),
    ]);
    expect(clicks.map(({ acked }) => acked.status)).toEqual([200, 200]);
    const posted = await Promise.any(clicks.map((click) => click.message(({ onlyFor }) => onlyFor === undefined)));
    expect(read(posted)).toMatch(/John Doe[\s\S]*Asked by <@U0BEN>/);
    expect(buttonsOn(posted.blocks)).not.toContain(BUTTONS.post);
    await eventually(() => expect(slack.messages.filter(({ ts }) => ts === answer.ts)).toEqual([]));
    expect(slack.messages.filter(({ onlyFor }) => onlyFor === undefined)).toHaveLength(1);
  });

  test('what a response_url does not take any more reaches the asker another way', async () => {
    const { slack } = await startWorld({ rules: 'rules: []' });
    slack.breakResponseUrls('expired_url');
    const inChannel = await slack.ask('help');
    expect(inChannel).toMatchObject({ onlyFor: 'U0ANNA', by: 'chat.postEphemeral', channel: 'C0BOOKINGS' });
    slack.breakResponseUrls('used_url');
    const elsewhere = await slack.ask('help', { channel: 'C0GENERAL1' });
    expect(elsewhere).toMatchObject({ channel: 'U0ANNA', by: 'chat.postMessage' });
  });

  test("a card's buttons answer whoever presses them, and leave it as it is", async () => {
    const { slack, send, settled } = await startWorld();
    await send(aBooking(1));
    await settled();
    const [card] = cardsIn(slack, 'C0BOOKINGS');
    if (!card) throw new Error('there is no card');
    const why = await slack.click(card, BUTTONS.why, { user: BEN });
    expect(why.acked).toMatchObject({ status: 200, body: undefined });
    const answer = await why.message();
    expect(answer).toMatchObject({ onlyFor: 'U0BEN', by: 'response_url' });
    expect(read(answer)).toContain('slack-bookings');
    expect(cardsIn(slack, 'C0BOOKINGS')).toEqual([card]);
  });

  test('a link is acknowledged, and nothing else comes of it', async () => {
    const { slack, send, settled } = await startWorld();
    await send(aBooking(1, { meeting_url: 'https://meet.example.com/1' }));
    await settled();
    const [card] = cardsIn(slack, 'C0BOOKINGS');
    if (!card) throw new Error('there is no card');
    const click = await slack.click(card, BUTTONS.link);
    expect(click.acked).toMatchObject({ status: 200, body: undefined });
    // What is asked after it is answered after it.
    await slack.ask('help');
    expect(click.messages()).toEqual([]);
    const byGuest = await slack.click(card, BUTTONS.link, { user: GUEST });
    await slack.ask('help', { user: GUEST });
    expect(byGuest.messages()).toEqual([]);
  });

  test('what a summary told together is listed by its button, page by page', async () => {
    const { slack, send, settled } = await startWorld();
    await Promise.all(Array.from({ length: 60 }, (_, n) => send(aBooking(n))));
    await settled();
    const summary = await vi.waitFor(
      () => {
        const found = cardsIn(slack, 'C0BOOKINGS').find(({ blocks }) => buttonsOn(blocks).includes(BUTTONS.list));
        if (!found) throw new Error('there is no summary yet');
        return found;
      },
      { timeout: 10_000 },
    );
    const list = await (await slack.click(summary, BUTTONS.list, { user: BEN })).message();
    expect(list).toMatchObject({ onlyFor: 'U0BEN' });
    expect(read(list)).toMatch(/John Doe/);
    const next = await (await slack.click(list, BUTTONS.ask, { user: BEN, label: 'More' })).message();
    expect(next.ts).toBe(list.ts);
    expect(read(next)).toMatch(/16 to 30/);
  }, 40_000);
});

describe('somebody of another workspace, in a channel that both share', () => {
  test('gets no answer, whatever they press, and hears why', async () => {
    const { slack, send, settled, store } = await startWorld();
    await send(aBooking(1, { attendee_email: 'john@example.com' }));
    await settled();
    const [card] = cardsIn(slack, 'C0BOOKINGS');
    if (!card) throw new Error('there is no card');
    const asked = [
      await slack.click(card, BUTTONS.why, { user: GUEST }),
      await slack.click(card, BUTTONS.rerun, { user: GUEST }),
    ];
    for (const answer of await Promise.all(asked.map((each) => each.message()))) {
      expect(read(answer)).toMatch(/only members of the workspace/);
      expect(answer.onlyFor).toBe('U0GUEST');
    }
    expect(slack.dialogs).toEqual([]);
    expect(slack.messages.map(read).join()).not.toMatch(/john/i);
    expect(await store.acts({ limit: 10, offset: 0 })).toEqual([]);
  });
});

test('a stand-in of Slack may have its response_urls on another host', async () => {
  const { slack, webhookUrl } = await startWorld();
  const called: (string | undefined)[] = [];
  const elsewhere = createServer((request, response) => {
    called.push(request.url);
    response.end('ok');
  }).listen(0);
  onTestFinished(() => void elsewhere.close());
  await once(elsewhere, 'listening');
  // The stand-in itself is 127.0.0.1.
  const { port } = elsewhere.address() as AddressInfo;
  const body = new URLSearchParams({
    command: '/webkasa',
    text: 'help',
    user_id: 'U0ANNA',
    user_name: 'anna',
    // Of an Enterprise organisation, as Slack may have it: who can type a command is a member.
    team_id: 'T0ELSEWHERE',
    channel_id: 'C0BOOKINGS',
    channel_name: 'bookings',
    trigger_id: '1.2.3',
    response_url: `http://localhost:${port}/answers`,
  }).toString();
  const answer = await fetch(new URL(EVENTS_PATH, webhookUrl()), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...slackHeaders(body, SIGNING_SECRET, Math.floor(Date.now() / 1000)),
    },
    body,
  });
  expect(answer.status).toBe(200);
  await eventually(() => expect(called).toEqual(['/answers']));
  expect(slack.messages).toEqual([]);
});
