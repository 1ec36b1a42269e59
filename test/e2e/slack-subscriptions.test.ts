import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EVENTS_PATH } from '../../src/slack/manifest.ts';
import { botEnv, startBot } from '../support/bot.ts';
import { aWebhook } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { BEN, startSlackApp } from '../support/slack-app.ts';
import { tempFolder } from '../support/temp.ts';
import { ANNA_ALONE, cardsIn, read, SIGNING_SECRET, startWorld, wordsOf } from './slack-world.ts';

const NO_RULES = 'rules: []';
const aBooking = (n: number, data: Readonly<Record<string, unknown>> = {}) =>
  aWebhook({ id: `wh_evt_${n}`, data: { id: `bk_${n}`, attendee_name: 'John Doe', ...data } });

describe('a subscription', () => {
  test('welcomes, tells of what was asked for, survives a restart, and ends', async () => {
    const { slack, send, settled, restart, store, dataDir } = await startWorld({ rules: NO_RULES, env: ANNA_ALONE });
    const answer = await slack.ask('subscribe booking where -schedule:sch_private', { channel: 'C0GENERAL1' });
    expect(read(answer)).toMatch(/#general is subscribed/);
    const [welcome, ...none] = cardsIn(slack, 'C0GENERAL1');
    expect(wordsOf(welcome?.blocks)).toMatch(/booking\.\*[\s\S]*sch_private/);
    expect(none).toEqual([]);
    const id = /sub_\w+/.exec(read(answer))?.[0] ?? '';

    await send(aBooking(1));
    await send(aBooking(2, { schedule_id: 'sch_private' }));
    await send(aWebhook({ type: 'event.created' }));
    await settled();
    expect(
      cardsIn(slack, 'C0GENERAL1')
        .slice(1)
        .map(({ text }) => text),
    ).toEqual([expect.stringContaining('John Doe')]);
    expect(read(await slack.ask('why bk_2'))).toMatch(new RegExp(`${id}[\\s\\S]*sch_private`));

    await restart();
    await send(aBooking(3));
    await settled();
    expect(cardsIn(slack, 'C0GENERAL1')).toHaveLength(3);
    expect(read(await slack.ask('rules', { user: BEN }))).toMatch(new RegExp(`${id}[\\s\\S]*anna|<@U0ANNA>`));

    expect(read(await slack.ask('unsubscribe', { channel: 'C0GENERAL1' }))).toMatch(/1 subscription ended/);
    await send(aBooking(4));
    await settled();
    expect(cardsIn(slack, 'C0GENERAL1')).toHaveLength(3);
    const document = JSON.parse(await readFile(join(dataDir, 'team.json'), 'utf8'));
    expect(document.subscriptions).toEqual([]);
    const acts = await store.acts({ limit: 10, offset: 0 }, id);
    expect(acts.map(({ kind, by }) => [kind, by.name])).toEqual([
      ['unsubscribe', 'anna'],
      ['subscribe', 'anna'],
    ]);
  }, 20_000);

  test('is not made where the channel takes no welcome, and the answer says what to do', async () => {
    const { slack, store } = await startWorld({ rules: NO_RULES, slack: { scopes: ['chat:write', 'commands'] } });
    const refused = await slack.ask('subscribe booking', { channel: 'C0GENERAL1' });
    expect(read(refused)).toMatch(/not in this channel[\s\S]*\/invite/);
    expect(read(await slack.ask('subscribe booking', { channel: 'C0ARCHIVED' }))).toMatch(/archived/);
    expect(read(await slack.ask('rules'))).toMatch(/0 subscriptions/);
    expect(await store.acts({ limit: 10, offset: 0 })).toEqual([]);
  });

  test('asked for twice is made once, with one welcome', async () => {
    const { slack } = await startWorld({ rules: NO_RULES });
    await slack.ask('subscribe booking event where schedule:sch_1');
    expect(read(await slack.ask('subscribe event bookings where schedule:sch_1'))).toMatch(/already/);
    expect(cardsIn(slack, 'C0BOOKINGS')).toHaveLength(1);
    expect(read(await slack.ask('rules'))).toMatch(/1 subscription\b/);
  });

  test('asked for by two people at the same time is made once, and keeps one welcome', async () => {
    const { slack } = await startWorld({ rules: NO_RULES });
    const answers = await Promise.all([slack.ask('subscribe booking'), slack.ask('subscribe booking', { user: BEN })]);
    expect(answers.map((answer) => /already/.test(read(answer))).sort()).toEqual([false, true]);
    expect(cardsIn(slack, 'C0BOOKINGS')).toHaveLength(1);
  });

  test('is of a channel: in a direct message the bot says so', async () => {
    const { slack } = await startWorld({ rules: NO_RULES });
    expect(read(await slack.ask('subscribe booking', { channel: 'D0ANNA' }))).toMatch(
      /in the channel that is to be told/,
    );
    expect(slack.api.posts).toEqual([]);
  });

  test('of a private channel names it as it is called, for which Slack has to be asked', async () => {
    const { slack } = await startWorld({ rules: NO_RULES });
    expect(read(await slack.ask('subscribe booking', { channel: 'G0MANAGERS' }))).toMatch(/#managers is subscribed/);
    expect(read(await slack.ask('subscribe booking', { channel: 'G0SECRETS1' }))).toMatch(/not in this channel/);
  });

  test('of several in a channel, the one that is named ends', async () => {
    const { slack } = await startWorld({ rules: NO_RULES });
    await slack.ask('subscribe booking');
    await slack.ask('subscribe event');
    expect(read(await slack.ask('unsubscribe'))).toMatch(/Say which one[\s\S]*booking\.[\s\S]*event\./);
    expect(read(await slack.ask('unsubscribe booking'))).toMatch(/1 subscription ended[\s\S]*booking\./);
    expect(read(await slack.ask('unsubscribe registration'))).toMatch(/No subscription of this channel/);
    expect(read(await slack.ask('unsubscribe all', { channel: 'C0GENERAL1' }))).toMatch(/has no subscription/);
    expect(read(await slack.ask('unsubscribe all'))).toMatch(/1 subscription ended/);
    expect(read(await slack.ask('rules'))).toMatch(/0 subscriptions/);
  });

  test('can not be made while the document is broken, and leaves no welcome behind', async () => {
    const { slack, dataDir } = await startWorld({ rules: NO_RULES });
    await slack.ask('subscribe event');
    await writeFile(join(dataDir, 'team.json'), '{ "subscriptions": [');
    const answer = await slack.ask('subscribe booking');
    expect(read(answer)).toMatch(
      /team\.json can't be used: it is not valid JSON[\s\S]*Mend it, or put .*team\.previous\.json/,
    );
    expect(read(answer)).not.toMatch(/try again|log/i);
    expect(cardsIn(slack, 'C0BOOKINGS')).toHaveLength(1);
    expect(read(await slack.ask('rules'))).toMatch(/1 subscription[\s\S]*team\.json.* can't be used/);
    expect(await readFile(join(dataDir, 'team.json'), 'utf8')).toBe('{ "subscriptions": [');
  });

  test('that was written by hand ends by its id, in upper or lower case', async () => {
    const { slack, dataDir } = await startWorld({ rules: NO_RULES });
    await slack.ask('subscribe event');
    const file = join(dataDir, 'team.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/sub_\w+/, 'sub_Desk'));
    expect(read(await slack.ask('unsubscribe sub_desk'))).toMatch(/no longer|ended/);
    expect(read(await slack.ask('rules'))).toMatch(/0 subscriptions/);
  });

  test('together with a rule for the same channel makes one card', async () => {
    const { slack, send, settled } = await startWorld({
      rules: `rules:
  - id: team
    on: ["booking.*"]
    actions:
      - slack: { template: booking }
`,
    });
    await slack.ask('subscribe booking');
    await send(aBooking(1));
    await settled();
    const cards = cardsIn(slack, 'C0BOOKINGS').slice(1);
    expect(cards.map(({ text }) => text)).toEqual([expect.stringContaining('John Doe')]);
    expect(read(await slack.ask('why bk_1'))).toMatch(/sub_\w+/);
  });

  test('can be paused and resumed like a rule', async () => {
    const { slack, send, settled } = await startWorld({ rules: NO_RULES });
    const id = /sub_\w+/.exec(read(await slack.ask('subscribe booking')))?.[0] ?? '';
    await slack.ask(`pause ${id}`);
    await send(aBooking(1));
    await settled();
    expect(cardsIn(slack, 'C0BOOKINGS')).toHaveLength(1);
    expect(read(await slack.ask('why bk_1'))).toMatch(/paused by anna/);
    await slack.ask(`resume ${id}`);
    await send(aBooking(2));
    await settled();
    expect(cardsIn(slack, 'C0BOOKINGS')).toHaveLength(2);
  });
});

describe('a crash', () => {
  test('right after the answer takes no subscription and no pause away', async () => {
    const dataDir = await tempFolder();
    await writeFile(join(dataDir, 'rules.yaml'), NO_RULES);
    const slack = await startSlackApp({ unlimited: true });
    onTestFinished(() => slack[Symbol.asyncDispose]());
    const env = botEnv(dataDir, {
      SLACK_BOT_TOKEN: slack.api.token,
      SLACK_API_URL: slack.api.url,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
    });
    const start = async () => {
      const bot = await startBot(env);
      onTestFinished(async () => void (await bot.end('SIGKILL')));
      slack.reach({ by: 'http', url: new URL(EVENTS_PATH, bot.webhookUrl).href, signingSecret: SIGNING_SECRET });
      return bot;
    };
    const first = await start();
    const id = /sub_\w+/.exec(read(await slack.ask('subscribe booking')))?.[0];
    await slack.ask(`pause ${id}`);
    await first.end('SIGKILL');
    await start();
    expect(read(await slack.ask('rules'))).toMatch(new RegExp(`${id}[\\s\\S]*paused`));
  }, 20_000);
});

describe('a channel that is archived', () => {
  test('is told once in the alert channel, shown in rules, and told when it works again', async () => {
    const { slack, send, settled } = await startWorld({
      rules: NO_RULES,
      env: { SLACK_ALERT_CHANNEL: '#bookings' },
    });
    await slack.ask('subscribe booking', { channel: 'C0GENERAL1' });
    slack.api.changeChannel('C0GENERAL1', { archived: true });
    for (const n of [1, 2, 3]) await send(aBooking(n));
    await settled();
    const alerts = () => cardsIn(slack, 'C0BOOKINGS').map(({ text }) => text);
    await eventually(() => expect(alerts()).toEqual([expect.stringContaining("can't be told any more")]));
    expect(read(await slack.ask('rules'))).toMatch(/can't be told/);

    slack.api.changeChannel('C0GENERAL1', { archived: false });
    await slack.ask('retry all');
    await settled();
    await eventually(() =>
      expect(alerts()).toEqual([expect.any(String), expect.stringContaining('can be told again')]),
    );
    expect(cardsIn(slack, 'C0GENERAL1').length).toBeGreaterThan(1);
    // It is told first and forgotten after.
    await eventually(async () => expect(read(await slack.ask('rules'))).not.toMatch(/can't be told/));
  });
});
