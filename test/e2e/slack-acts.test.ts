import { describe, expect, test, vi } from 'vitest';
import { BUTTONS } from '../../src/template/slack-buttons.ts';
import { aWebhook } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { ANNA, BEN } from '../support/slack-app.ts';
import { ANNA_ALONE, read, startWorld, type World } from './slack-world.ts';

// The bot's clock is the real one, and nobody is mailed of what has begun.
const FAR_AWAY = { start_time: '2099-02-15T10:00:00Z', end_time: '2099-02-15T11:00:00Z' };

const aBooking = (n: number, type = 'booking.created') =>
  aWebhook({ id: `wh_evt_${n}`, type, data: { id: `bk_${n}`, attendee_name: 'John Doe', ...FAR_AWAY } });

const MAIL = `rules:
  - id: mail-guest
    on: [booking.created]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
`;

/** One mail that the server refused for good. */
const withDeadMail = async (env: Readonly<Record<string, string>> = ANNA_ALONE): Promise<World> => {
  const world = await startWorld({ rules: MAIL, env });
  world.smtp.setBehaviour({ recipient: { code: 550, text: '5.1.1 No such user' } });
  await world.send(aBooking(1));
  await world.settled();
  expect((await world.store.status()).deliveries.dead).toBe(1);
  world.smtp.setBehaviour({});
  return world;
};

describe('retry', () => {
  test('who is no operator changes nothing and hears who can', async () => {
    const { slack, smtp, store } = await withDeadMail();
    const before = JSON.stringify(await store.story('bk_1'));
    for (const typed of [
      'retry bk_1',
      'retry all',
      'subscribe booking',
      'unsubscribe',
      'pause mail-guest',
      'resume x',
    ]) {
      const answer = await slack.ask(typed, { user: BEN });
      expect(read(answer), typed).toMatch(/nothing was done[\s\S]*<@U0ANNA>/i);
      expect(answer.onlyFor).toBe('U0BEN');
    }
    const failed = await slack.ask('failed', { user: BEN });
    for (const button of [BUTTONS.retry, BUTTONS.retryAll]) {
      const answer = await (await slack.click(failed, button, { user: BEN })).message();
      expect(read(answer)).toContain('<@U0ANNA>');
    }
    expect(JSON.stringify(await store.story('bk_1'))).toBe(before);
    expect((await store.status()).deliveries.dead).toBe(1);
    expect(smtp.messages).toEqual([]);
    expect(await store.acts({ limit: 10, offset: 0 })).toEqual([]);
  });

  test('an operator has it sent, once, and why says who', async () => {
    const { slack, smtp, settled } = await withDeadMail();
    const answer = await slack.ask('retry bk_1', { user: ANNA });
    expect(read(answer)).toContain('john@example.com');
    await smtp.received(1);
    await settled();
    expect(read(await slack.ask('retry bk_1'))).toMatch(/done already/);
    await settled();
    expect(smtp.messages).toHaveLength(1);
    const why = await slack.ask('why bk_1', { user: BEN });
    expect(read(why)).toMatch(/<@U0ANNA>|anna/);
    expect(read(why)).toMatch(/No such user/);
  });

  test('the buttons of what failed do it for one, and for all', async () => {
    const { slack, smtp, settled, store, send } = await withDeadMail();
    smtp.setBehaviour({ recipient: { code: 550, text: '5.1.1 No such user' } });
    await send(aBooking(2));
    await settled();
    smtp.setBehaviour({});
    const failed = await slack.ask('failed');
    await (await slack.click(failed, BUTTONS.retryAll)).message();
    await smtp.received(2);
    await settled();
    expect((await store.status()).deliveries).toMatchObject({ dead: 0, done: 2 });
  });

  test('members of a user group are operators', async () => {
    const world = await startWorld({
      rules: MAIL,
      env: { SLACK_OPERATORS: 'S0TEAM' },
      slack: { groups: { S0TEAM: ['U0BEN'] } },
    });
    expect(read(await world.slack.ask('pause mail-guest', { user: ANNA }))).toContain('<!subteam^S0TEAM>');
    expect(read(await world.slack.ask('pause mail-guest', { user: BEN }))).toMatch(/paused/);
  });
});

describe('pause and resume', () => {
  test('what arrives meanwhile is decided as paused, which why tells, and then it goes on', async () => {
    const { slack, smtp, send, settled, restart, store } = await startWorld({ rules: MAIL, env: ANNA_ALONE });
    expect(read(await slack.ask('pause mial-guest'))).toMatch(/pause mail-guest/);
    expect(read(await slack.ask('pause MAIL-guest'))).toMatch(/mail-guest is paused/);
    expect(read(await slack.ask('pause mail-guest'))).toMatch(/already/);
    await restart();
    await send(aBooking(1));
    await settled();
    expect(smtp.messages).toEqual([]);
    expect(read(await slack.ask('why bk_1'))).toMatch(/paused by anna since/);
    expect(read(await slack.ask('rules'))).toMatch(/paused/);

    expect(read(await slack.ask('resume mail-guest'))).toMatch(/goes on/);
    expect(read(await slack.ask('resume mail-guest'))).toMatch(/not paused/);
    await send(aBooking(2));
    await smtp.received(1);
    await settled();
    expect(smtp.messages).toHaveLength(1);
    const acts = await store.acts({ limit: 10, offset: 0 });
    expect(acts.map(({ kind, subject, by }) => [kind, subject, by.id])).toEqual([
      ['resume', 'mail-guest', 'U0ANNA'],
      ['pause', 'mail-guest', 'U0ANNA'],
    ]);
  });
});

describe('while the store is busy', () => {
  test('commands and buttons are acknowledged at once, and answered when it is free', async () => {
    const { slack, lock, store } = await withDeadMail();
    const failed = await slack.ask('failed');
    const unlock = lock();
    const asked = await slack.command('retry bk_1');
    const clicked = await slack.click(failed, BUTTONS.retryAll);
    for (const { acked } of [asked, clicked]) {
      expect(acked).toMatchObject({ status: 200, body: undefined });
      expect(acked.milliseconds).toBeLessThan(2_500);
    }
    expect([...asked.messages(), ...clicked.messages()]).toEqual([]);
    unlock();
    expect(read(await asked.message())).toMatch(/john@example.com/);
    await clicked.message();
    await eventually(async () => expect((await store.status()).deliveries.dead).toBe(0));
  });

  test('a store that fails is told in words that say what to do, and logged without what was typed', async () => {
    const { slack, lock, logged } = await withDeadMail();
    lock();
    // Until the store gives up waiting for the lock.
    const asked = await slack.command('retry bk_1');
    const answer = await vi.waitFor(() => asked.message(), { timeout: 20_000, interval: 10 });
    expect(read(answer)).toMatch(/did not work just now[\s\S]*Ask again in a minute/);
    expect(logged.join('')).toContain('somebody in Slack could not be answered');
    expect(logged.join('')).not.toMatch(/john/i);
  }, 30_000);
});

describe('a token that is revoked', () => {
  test('does not keep webhooks from being received, before the start and after', async () => {
    const { slack, send, store, logged } = await startWorld({
      rules: MAIL,
      prepare: (stand) => stand.refuse('bot', 'token_revoked'),
    });
    await send(aBooking(1));
    await vi.waitFor(async () => expect((await store.status()).deliveries.done).toBe(1), { timeout: 10_000 });
    await vi.waitFor(() => expect(logged.join('')).toMatch(/SLACK_BOT_TOKEN/), { timeout: 10_000 });
    // A response_url needs no token.
    expect(read(await slack.ask('show bk_1'))).toContain('John Doe');
    slack.refuse('bot', undefined);
    expect(read(await slack.ask('subscribe booking'))).toMatch(/is subscribed/);
  }, 20_000);
});
