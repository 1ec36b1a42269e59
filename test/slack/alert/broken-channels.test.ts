import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TeamDocument } from '../../../src/core/team.ts';
import { markWorking } from '../../../src/core/team-changes.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { createOneAtATime } from '../../../src/runtime/one-at-a-time.ts';
import { watchChannels } from '../../../src/slack/alert/broken-channels.ts';
import { clientOptions } from '../../../src/slack/client.ts';
import { openLine } from '../../../src/store/postgres/line.ts';
import { createTeamRows } from '../../../src/store/postgres/team-document.ts';
import { turns } from '../../../src/store/postgres/turns.ts';
import { openSharedTeam, openTeam } from '../../../src/team/open.ts';
import { eventually } from '../../support/eventually.ts';
import { openTestStore } from '../../support/postgres.ts';
import { startSlackApi } from '../../support/slack-api.ts';
import { tempFolder } from '../../support/temp.ts';

const ARCHIVED = { code: 'is_archived', message: '#old is archived: unarchive it or mend the rule, then retry.' };

const world = async ({ alertChannel = '#bookings', again = 60_000 } = {}) => {
  const file = join(await tempFolder(), 'team.json');
  const slack = await startSlackApi({ unlimited: true });
  onTestFinished(() => slack.close());
  const client = new WebClient(slack.token, clientOptions(slack.url));
  const lines: string[] = [];
  const log = pino({ level: 'debug', base: null }, { write: (line) => lines.push(line) });

  const look = () => ({ timezone: 'UTC', locale: 'en-US', now: Date.UTC(2027, 0, 15, 10, 30) });
  const namedBy = (channel: string) => (channel === '#old' ? ['slack-bookings'] : []);
  const watchOn = (team: TeamDocument, inTurn = createOneAtATime()) =>
    watchChannels({ team, client, alertChannel, namedBy, look, log, again, inTurn });

  const start = async () => {
    const team = await openTeam({ file, log });
    const watch = watchOn(team);
    const stop = async (): Promise<void> => {
      await watch[Symbol.asyncDispose]();
      await team[Symbol.asyncDispose]();
    };
    onTestFinished(stop);
    return { team, watch, stop };
  };
  return { slack, start, watchOn, file, log, lines, alerts: () => slack.posts.map(({ text }) => text) };
};

/** As many processes on one PostgreSQL, each with a document and turns of its own. */
const processes = async (number: number) => {
  const { url, close } = await openTestStore();
  const { slack, alerts, watchOn } = await world();
  const each = await Promise.all(
    Array.from({ length: number }, async () => {
      const line = await openLine(url, 'test', silentLog());
      const team = await openSharedTeam({ rows: createTeamRows(line), log: silentLog(), interval: 1_000_000 });
      const watch = watchOn(team, turns(line).inTurn);
      return { team, watch, line };
    }),
  );
  onTestFinished(async () => {
    for (const { watch, team, line } of each) {
      await watch[Symbol.asyncDispose]();
      await team[Symbol.asyncDispose]();
      await line[Symbol.asyncDispose]();
    }
    await close();
  });
  return { slack, alerts, each };
};

test('several processes that find the same channel broken, and working again, tell each of it once', async () => {
  const { alerts, each } = await processes(3);
  for (const { watch } of each) watch.report('#old', ARCHIVED);
  for (const { team } of each) await eventually(() => expect(team.current().broken[0]?.told).toBe(true));
  // Whoever was not first is through then, too.
  for (const { watch } of each) await watch[Symbol.asyncDispose]();
  expect(alerts()).toEqual([expect.stringContaining("#old can't be told any more")]);
  for (const { watch } of each) watch.report('#old', undefined);
  for (const { team } of each) await eventually(() => expect(team.current().broken).toEqual([]));
  for (const { watch } of each) await watch[Symbol.asyncDispose]();
  expect(alerts().slice(1)).toEqual(['#old can be told again.']);
});

describe('a channel that can not be told', () => {
  test('is kept in the document and told once, however often it fails', async () => {
    const { start, alerts } = await world();
    const { team, watch } = await start();
    for (let time = 0; time < 20; time += 1) watch.report('#old', ARCHIVED);
    await eventually(() => expect(team.current().broken).toMatchObject([{ channel: '#old', told: true }]));
    for (let time = 0; time < 20; time += 1) watch.report('#old', ARCHIVED);
    await watch[Symbol.asyncDispose]();
    expect(alerts()).toEqual([expect.stringContaining("#old can't be told any more")]);
    expect(team.current().broken).toEqual([
      { channel: '#old', since: '2027-01-15T10:30:00.000Z', ...ARCHIVED, told: true },
    ]);
  });

  test('is told as over when it works again, once, and forgotten', async () => {
    const { start, alerts } = await world();
    const { team, watch } = await start();
    watch.report('#old', ARCHIVED);
    await eventually(() => expect(team.current().broken[0]?.told).toBe(true));
    for (let time = 0; time < 20; time += 1) watch.report('#old', undefined);
    await eventually(() => expect(team.current().broken).toEqual([]));
    await watch[Symbol.asyncDispose]();
    expect(alerts()).toEqual([expect.stringContaining("can't be told"), expect.stringContaining('can be told again')]);
  });

  test('the alert is tried again at the next failure, and at the next start', async () => {
    const { start, slack, alerts } = await world();
    slack.behave({ as: 'error', error: 'ratelimited' }, { method: 'chat.postMessage', times: 2 });
    const first = await start();
    first.watch.report('#old', ARCHIVED);
    await first.stop();
    expect(first.team.current().broken).toMatchObject([{ channel: '#old', told: false }]);
    const second = await start();
    await second.stop();
    expect(alerts()).toEqual([]);
    const third = await start();
    await third.stop();
    expect(alerts()).toHaveLength(1);
    const fourth = await start();
    await fourth.stop();
    expect(alerts()).toHaveLength(1);
  });

  test('an alert that is owed is left out where the channel works again before it is told', async () => {
    const { start, watchOn, slack, alerts, file, log } = await world();
    slack.behave({ as: 'error', error: 'ratelimited' }, { method: 'chat.postMessage' });
    const first = await start();
    first.watch.report('#old', ARCHIVED);
    await first.stop();
    await using team = await openTeam({ file, log });
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    await using watch = watchOn(team, async (_, work) => {
      await mayGoOn;
      return work();
    });
    // Another process finds that out meanwhile.
    await team.update((now) => markWorking(now, '#old').team);
    goOn();
    await watch[Symbol.asyncDispose]();
    expect(alerts()).toEqual([]);
    expect(team.current().broken).toEqual([]);
  });

  test('the alert is tried again after a while, too', async () => {
    const { start, slack, alerts } = await world({ again: 20 });
    slack.behave({ as: 'error', error: 'internal_error' }, { method: 'chat.postMessage', times: 2 });
    const { team, watch } = await start();
    watch.report('#old', ARCHIVED);
    await eventually(() => expect(team.current().broken[0]?.told).toBe(true));
    expect(alerts()).toHaveLength(1);
  });

  test('where the alert channel itself is broken, the log has it, and nobody is alerted in a circle', async () => {
    const { start, alerts, lines } = await world({ alertChannel: '#archived' });
    const { team, watch } = await start();
    watch.report('#archived', ARCHIVED);
    await watch[Symbol.asyncDispose]();
    expect(team.current().broken).toMatchObject([{ channel: '#archived', told: false }]);
    expect(alerts()).toEqual([]);
    expect(lines.join('')).toContain('is_archived');
    watch.report('#archived', undefined);
    await watch[Symbol.asyncDispose]();
    expect(team.current().broken).toEqual([]);
    expect(alerts()).toEqual([]);
  });

  test('a Slack that hangs keeps nobody from stopping, and the alert is told at the next start', async () => {
    const { start, slack, alerts } = await world();
    slack.behave({ as: 'hang' }, { method: 'chat.postMessage', times: 1 });
    const first = await start();
    for (const channel of ['#old', '#older', '#oldest']) first.watch.report(channel, ARCHIVED);
    const begun = performance.now();
    await first.stop();
    expect(performance.now() - begun).toBeLessThan(8_000);
    expect(slack.calls).toHaveLength(1);
    const second = await start();
    await second.stop();
    expect(alerts()).toEqual([expect.stringContaining('#old ')]);
  }, 20_000);

  test('channels that work cost nothing', async () => {
    const { start, slack } = await world();
    const { watch } = await start();
    for (let time = 0; time < 1000; time += 1) watch.report('#bookings', undefined);
    await watch[Symbol.asyncDispose]();
    expect(slack.calls).toEqual([]);
  });
});
