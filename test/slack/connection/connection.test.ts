import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { describe, expect, test, vi } from 'vitest';
import { ANNA, BEN } from '../../support/slack-app.ts';
import { connect, DIALOG } from './connected.ts';

const BUTTON = {
  type: 'actions',
  block_id: 'b1',
  elements: [
    { type: 'button', action_id: 'more', text: { type: 'plain_text', text: 'More' }, value: '1' },
    { type: 'button', action_id: 'edit', text: { type: 'plain_text', text: 'Edit' }, value: '2' },
  ],
} as const;

/** One of everything the bot has: a command, a button, a dialog. */
const everything = (app: App, client: WebClient): void => {
  app.command('/webkasa', async ({ ack, command, respond }) => {
    await ack();
    await respond({ text: `you typed ${command.text}`, blocks: [BUTTON] });
  });
  app.action('more', async ({ ack, respond }) => {
    await ack();
    await respond({ text: 'here is more', replace_original: true });
  });
  app.action('edit', async ({ ack, body }) => {
    await ack();
    if ('trigger_id' in body) await client.views.open({ trigger_id: body.trigger_id, view: DIALOG });
  });
  app.view('dialog', async ({ ack, view }) => {
    await ack({ response_action: 'update', view: { ...DIALOG, title: { type: 'plain_text', text: view.hash } } });
  });
};

describe.each(['http', 'socket'] as const)('over %s', (by) => {
  test('a command, a button and a dialog reach the bot, and its answers the person who asked', async () => {
    const { slack } = await connect(by, everything);

    const answer = await slack.ask('search john', { user: BEN });
    expect(answer).toMatchObject({ text: 'you typed search john', onlyFor: BEN.id, by: 'response_url' });

    const more = await slack.click(answer, 'more', { user: BEN });
    expect(more.acked).toMatchObject({ status: 200, body: undefined });
    expect(await more.message(({ text }) => text === 'here is more')).toMatchObject({ ts: answer.ts, onlyFor: BEN.id });

    const again = await slack.ask('again');
    const edit = await slack.click(again, 'edit', { user: ANNA });
    const dialog = await edit.dialog();
    const submitted = await slack.submit(dialog);
    expect(await submitted.dialog()).toMatchObject({ open: true, view: { title: { text: dialog.hash } } });
  });

  test('what the bot does not know gets an answer, and at once', async () => {
    const { slack } = await connect(by, everything);
    const { acked, message } = await slack.command('', { command: '/other' });
    expect(acked.status).toBe(200);
    expect((await message()).text).toContain('no such command');
  });

  test('a handler that fails leaves nobody without a word, and no data in the log', async () => {
    const { slack, logged } = await connect(by, (app) => {
      app.command('/webkasa', async ({ command }) => {
        throw new Error(`no ${command.text}`);
      });
    });
    const answer = await slack.ask('jane.roe@guest.example');
    expect(answer).toMatchObject({ by: 'ack', onlyFor: ANNA.id });
    expect(answer.text).toContain('went wrong');
    await vi.waitFor(() => expect(logged.join('')).toContain("a request of Slack's could not be answered"), {
      timeout: 10_000,
    });
    expect(logged.join('')).not.toContain('jane.roe');
  });
});
