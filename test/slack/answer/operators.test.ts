import { WebClient } from '@slack/web-api';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOnce } from '../../../src/slack/answer/once.ts';
import { createOperators } from '../../../src/slack/answer/operators.ts';
import { clientOptions } from '../../../src/slack/client.ts';
import { keptLog } from '../../support/receiver.ts';
import { startSlackApp } from '../../support/slack-app.ts';
import type { SlackAppOptions } from '../../support/slack-app-types.ts';

const world = async (ids: readonly string[], options: SlackAppOptions = {}) => {
  const groups: Record<string, readonly string[]> = { S0DESK: ['U0BEN'] };
  const slack = await startSlackApp({ groups, ...options });
  onTestFinished(() => slack[Symbol.asyncDispose]());
  const client = new WebClient(slack.api.token, clientOptions(slack.api.url));
  const { log, lines } = keptLog();
  let time = 0;
  const operators = createOperators({ ids, client, now: () => time, log });
  const asked = (): number => slack.api.calls.filter(({ method }) => method === 'usergroups.users.list').length;
  return { slack, groups, operators, asked, lines, pass: (milliseconds: number) => (time += milliseconds) };
};

describe('with nobody named', () => {
  test('everybody of the workspace may', async () => {
    const { operators } = await world([]);
    expect(await operators.allows('U0ANNA')).toEqual({ ok: true });
  });
});

describe('with people and groups named', () => {
  test('they may, others are told who can', async () => {
    const { operators } = await world(['U0ANNA', 'W0GRID', 'S0DESK']);
    expect(await operators.allows('U0ANNA')).toEqual({ ok: true });
    expect(await operators.allows('W0GRID')).toEqual({ ok: true });
    expect(await operators.allows('U0BEN')).toEqual({ ok: true });
    expect(await operators.allows('U0CARL')).toEqual({ ok: false, who: '<@U0ANNA>, <@W0GRID> or <!subteam^S0DESK>' });
  });

  test('Slack is asked for a group every five minutes at the most, and for named people not at all', async () => {
    const { operators, asked, groups, pass } = await world(['U0ANNA', 'S0DESK']);
    await operators.allows('U0ANNA');
    expect(asked()).toBe(0);
    await operators.allows('U0BEN');
    groups.S0DESK = [];
    expect(await operators.allows('U0BEN')).toEqual({ ok: true });
    expect(asked()).toBe(1);
    pass(5 * 60_000);
    expect((await operators.allows('U0BEN')).ok).toBe(false);
    expect(asked()).toBe(2);
  });

  test('a clock that is set back keeps nobody an operator for longer than five minutes', async () => {
    const { operators, groups, pass } = await world(['S0DESK']);
    pass(86_400_000);
    await operators.allows('U0BEN');
    groups.S0DESK = [];
    pass(-86_400_000);
    expect((await operators.allows('U0BEN')).ok).toBe(false);
  });

  test('while Slack fails, what it said last counts, and it is asked again soon', async () => {
    const { slack, operators, groups, pass, lines } = await world(['S0DESK']);
    await operators.allows('U0BEN');
    pass(5 * 60_000);
    slack.api.behave({ as: 'status', status: 503 }, { method: 'usergroups.users.list' });
    expect((await operators.allows('U0BEN')).ok).toBe(true);
    expect(lines.join('')).toContain('http_503');
    groups.S0DESK = ['U0CARL'];
    pass(20_000);
    expect((await operators.allows('U0CARL')).ok).toBe(true);
  });

  test('what Slack never said counts as nobody', async () => {
    const { slack, operators } = await world(['S0DESK']);
    slack.api.behave({ as: 'reset' }, { method: 'usergroups.users.list' });
    expect(await operators.allows('U0BEN')).toEqual({ ok: false, who: '<!subteam^S0DESK>' });
  });

  test('a missing scope is named', async () => {
    const { operators } = await world(['S0DESK'], { scopes: ['chat:write'] });
    expect(await operators.allows('U0BEN')).toEqual({ ok: false, who: expect.stringContaining('usergroups:read') });
  });
});

describe('once', () => {
  test('lets a key through the first time in ten minutes', () => {
    let time = 0;
    const once = createOnce(() => time);
    expect([once.first('a'), once.first('a'), once.first('b')]).toEqual([true, false, true]);
    time = 600_000;
    expect(once.first('a')).toBe(true);
  });

  test('and again, where it came to nothing', () => {
    const once = createOnce(() => 0);
    once.first('a');
    once.forget('a');
    expect(once.first('a')).toBe(true);
  });
});
