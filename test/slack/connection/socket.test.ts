import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SlackApp } from '../../support/slack-app-types.ts';
import { connect, DIALOG } from './connected.ts';

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

// What nobody handles would end the bot's process, and with it the receiving of webhooks.
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', onUnhandled);
});
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

/** Answers every command, and counts them. */
const counting = () => {
  const seen: string[] = [];
  const register = (app: App): void => {
    app.command('/webkasa', async ({ ack, command, respond }) => {
      seen.push(command.text);
      await ack();
      await respond(`${command.text}: done`);
    });
  };
  return { seen, register };
};

/** A bot that makes a new connection within the time that Slack waits, on a machine that is busy. */
const PATIENT = { patience: 15_000 };

describe('a connection that breaks', () => {
  test('is made anew, and the bot goes on answering', async () => {
    const { seen, register } = counting();
    const { slack, connection } = await connect('socket', register, PATIENT);
    await slack.ask('first');
    slack.socket.drop();
    expect((await slack.ask('second')).text).toBe('second: done');
    expect(slack.socket.opened()).toBe(2);
    expect(connection.state()).toMatchObject({ connected: true, problem: undefined });
    expect(seen).toEqual(['first', 'second']);
  });

  test('before the acknowledgement got through: what Slack sends again is done once, and acknowledged', async () => {
    const { seen, register } = counting();
    const { slack } = await connect('socket', register, PATIENT);
    await slack.ask('first');
    slack.socket.dropOnEnvelope(2);
    const again = await slack.command('retry bk_1');
    expect(again.acked.status).toBe(200);
    expect((await again.message()).text).toBe('retry bk_1: done');
    expect(slack.socket.opened()).toBe(3);
    expect(seen).toEqual(['first', 'retry bk_1']);
  });

  test('before the acknowledgement of a dialog: it is acknowledged with the same content', async () => {
    let submissions = 0;
    const { slack } = await connect(
      'socket',
      (app, client) => {
        app.command('/webkasa', async ({ ack, command }) => {
          await ack();
          await client.views.open({ trigger_id: command.trigger_id, view: DIALOG });
        });
        app.view('dialog', async ({ ack }) => {
          submissions += 1;
          const title = { type: 'plain_text', text: `Done ${submissions}` } as const;
          await ack({ response_action: 'update', view: { ...DIALOG, title } });
        });
      },
      PATIENT,
    );
    const asked = await slack.command('rerun bk_1');
    const dialog = await asked.dialog();
    slack.socket.dropOnEnvelope(1);
    const submitted = await slack.submit(dialog);
    expect((await submitted.dialog()).view.title).toMatchObject({ text: 'Done 1' });
    expect(submissions).toBe(1);
  });
});

describe('a connection that Slack wants replaced', () => {
  test.each(['warning', 'refresh_requested'] as const)(
    '%s: the next is there before the old one ends',
    async (reason) => {
      const { seen, register } = counting();
      const { slack } = await connect('socket', register, PATIENT);
      await slack.ask('first');
      slack.socket.refresh(reason);
      await vi.waitFor(() => expect(slack.socket.opened()).toBe(2), { timeout: 10_000 });
      await vi.waitFor(() => expect(slack.socket.open()).toBe(1), { timeout: 10_000 });
      expect((await slack.ask('second')).text).toBe('second: done');
      expect(seen).toEqual(['first', 'second']);
    },
  );

  test('can acknowledge until then', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { slack } = await connect(
      'socket',
      (app) => {
        app.command('/webkasa', async ({ ack }) => {
          await released;
          await ack('done');
        });
      },
      PATIENT,
    );
    const asked = slack.command('help');
    await vi.waitFor(() => expect(slack.socket.open()).toBe(1), { timeout: 10_000 });
    // No address for the next connection for now: the old one is all there is.
    slack.api.behave({ as: 'hang' }, { method: 'apps.connections.open' });
    slack.socket.refresh();
    await vi.waitFor(() => expect(callsOf(slack)).toBe(2), { timeout: 10_000 });
    release();
    expect((await asked).acked).toMatchObject({ status: 200, body: { text: 'done' } });
    expect([...slack.socket.acks.values()]).toEqual([1]);
    expect(slack.socket.opened()).toBe(1);
  });
});

const callsOf = (slack: { api: { calls: readonly { method: string }[] } }): number =>
  slack.api.calls.filter(({ method }) => method === 'apps.connections.open').length;

describe('without a connection', () => {
  test('a token that Slack does not accept is told once, in words, and tried until it is', async () => {
    const { register } = counting();
    const { slack, connection, logged } = await connect('socket', register, {
      ...PATIENT,
      prepare: (app) => app.refuse('app', 'invalid_auth'),
    });
    await vi.waitFor(() => expect(callsOf(slack)).toBeGreaterThan(1), { timeout: 10_000 });
    expect(connection.state()).toMatchObject({ connected: false, problem: expect.stringContaining('SLACK_APP_TOKEN') });
    expect(connection.state().cut).toMatchObject({ code: 'invalid_auth', lasting: true });
    expect(logged.filter((line) => line.includes('SLACK_APP_TOKEN (invalid_auth)'))).toHaveLength(1);
    expect(logged.join('')).not.toContain(slack.appToken);

    slack.refuse('app', undefined);
    expect((await slack.ask('help')).text).toBe('help: done');
    expect(connection.state()).toMatchObject({ connected: true, problem: undefined, cut: undefined });
  });

  test('a token that is revoked while connected is found at the next connection, and the rest goes on', async () => {
    const { register } = counting();
    const { slack, connection, logged } = await connect('socket', register, PATIENT);
    await slack.ask('first');
    slack.refuse('app', 'token_revoked');
    slack.socket.drop();
    await vi.waitFor(() => expect(connection.state().problem).toContain('token_revoked'), { timeout: 10_000 });
    slack.refuse('app', undefined);
    expect((await slack.ask('second')).text).toBe('second: done');
    expect(logged.some((line) => line.includes('connected by Socket Mode again'))).toBe(true);
  });

  test.each([
    ['Slack answers with an error of its own', { as: 'status', status: 503 }],
    ['the connection is reset', { as: 'reset' }],
    ['Slack asks to wait', { as: 'ratelimit', seconds: 1 }],
    ['a proxy answers in its place', { as: 'page' }],
  ] as const)('%s: it is tried again', async (_name, misbehaviour) => {
    const { register } = counting();
    const { slack } = await connect('socket', register, {
      ...PATIENT,
      prepare: (app) => app.api.behave(misbehaviour, { method: 'apps.connections.open', times: 2 }),
    });
    expect((await slack.ask('help')).text).toBe('help: done');
    expect(callsOf(slack)).toBe(3);
  });
});

test('where Slack asks to wait, it is not asked again before that, not even after the first time', async () => {
  const { register } = counting();
  const { slack } = await connect('socket', register, {
    ...PATIENT,
    prepare: (app) => app.api.behave({ as: 'ratelimit', seconds: 1 }, { method: 'apps.connections.open' }),
  });
  expect((await slack.ask('help')).text).toBe('help: done');
  const [refused, taken] = slack.api.calls.filter(({ method }) => method === 'apps.connections.open');
  expect(Number(taken?.at) - Number(refused?.at)).toBeGreaterThanOrEqual(990);
});

test('an address that no connection opens to is told with what may be in its way', async () => {
  const { register } = counting();
  const { connection, logged } = await connect('socket', register, {
    // Nobody listens there, as behind a firewall that lets no WebSocket through.
    methods: { 'apps.connections.open': () => ({ ok: true, url: 'ws://127.0.0.1:9/' }) },
  });
  await vi.waitFor(() => expect(connection.state().cut).toBeDefined(), { timeout: 10_000 });
  expect(connection.state()).toMatchObject({ connected: false, cut: { code: 'gone', lasting: false } });
  expect(connection.state().problem).toMatch(
    /no connection opens \(gone\): check that firewalls and proxies let WebSockets/,
  );
  expect(logged.filter((line) => line.includes('let WebSockets'))).toHaveLength(1);
});

test('a connection that Slack ends at once, for a reason that somebody has to mend, is told and tried again', async () => {
  const { register } = counting();
  const { slack, connection, logged } = await connect('socket', register, PATIENT);
  await slack.ask('first');
  for (const opened of [1, 2]) {
    await vi.waitFor(() => expect([slack.socket.opened(), slack.socket.open()]).toEqual([opened, 1]), {
      timeout: 10_000,
    });
    slack.socket.send({ type: 'disconnect', reason: 'link_disabled' });
  }
  expect((await slack.ask('second')).text).toBe('second: done');
  expect(connection.state()).toMatchObject({ connected: true, problem: expect.stringContaining('Socket Mode is off') });
  expect(logged.filter((line) => line.includes('Socket Mode is off'))).toHaveLength(1);
});

test('what is no envelope is passed over', async () => {
  const { seen, register } = counting();
  const { slack } = await connect('socket', register, PATIENT);
  await slack.ask('first');
  for (const message of [
    'null',
    'no JSON',
    '[]',
    '"disconnect"',
    { type: 'events_api', envelope_id: 'e1', payload: { type: 'app_rate_limited' } },
    { type: 'events_api', envelope_id: 'e2' },
    { type: 'slash_commands', envelope_id: 'e3', payload: null },
    { type: 'slash_commands', payload: { command: '/webkasa', text: 'no envelope' } },
    { type: 'error', envelope_id: 'e4', payload: {} },
  ])
    slack.socket.send(message);
  expect((await slack.ask('second')).text).toBe('second: done');
  expect(seen).toEqual(['first', 'second']);
  expect(slack.socket.opened()).toBe(1);
});

describe('a stop', () => {
  test.each([
    ['while connected', () => undefined, true],
    ["while Slack's end hangs", ({ socket }: SlackApp) => socket.stall(), false],
    ['where Slack leaves its end open', ({ socket }: SlackApp) => socket.neverClose(), true],
  ])('%s takes less than two seconds, and no connection is left', async (_name, prepare, watched) => {
    const { register } = counting();
    const { slack, connection } = await connect('socket', register, PATIENT);
    await slack.ask('first');
    prepare(slack);
    const begun = performance.now();
    await connection[Symbol.asyncDispose]();
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(connection.state().connected).toBe(false);
    if (watched) await vi.waitFor(() => expect(slack.socket.open()).toBe(0), { timeout: 10_000 });
  });

  test('while an address is waited for is not held up, and connects no more', async () => {
    const { register } = counting();
    const { slack, connection } = await connect('socket', register, {
      prepare: (app) => app.api.behave({ as: 'hang' }, { method: 'apps.connections.open' }),
    });
    await vi.waitFor(() => expect(callsOf(slack)).toBe(1), { timeout: 10_000 });
    await connection[Symbol.asyncDispose]();
    expect(slack.socket.opened()).toBe(0);
  });
});
