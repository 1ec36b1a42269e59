import type { App } from '@slack/bolt';
import type { ModalView, WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { startHttpServer } from '../../../src/http/server.ts';
import { type Connection, startConnection } from '../../../src/slack/connection/connection.ts';
import { EVENTS_PATH } from '../../../src/slack/manifest.ts';
import type { Rejection } from '../../../src/store/ports.ts';
import { keptLog } from '../../support/receiver.ts';
import { startSlackApp } from '../../support/slack-app.ts';
import type { SlackApp, SlackAppOptions } from '../../support/slack-app-types.ts';

export const SIGNING_SECRET = 'signing-secret-of-the-tests';

/** A dialog with nothing to fill in. */
export const DIALOG: ModalView = {
  type: 'modal',
  callback_id: 'dialog',
  title: { type: 'plain_text', text: 'Again?' },
  submit: { type: 'plain_text', text: 'Do it' },
  blocks: [{ type: 'section', text: { type: 'plain_text', text: 'What to do' } }],
};

export type Connected = {
  readonly slack: SlackApp;
  readonly connection: Connection;
  /** Where Slack posts to; empty in Socket Mode. */
  readonly url: string;
  readonly rejections: readonly Rejection[];
  /** How often the bot's token came to work again. */
  recovered(): number;
  /** The log, a JSON line each. */
  readonly logged: readonly string[];
};

/** A connection as the bot has it, a real server in front where it needs one, and Slack at the other end. */
export const connect = async (
  by: 'http' | 'socket',
  register: (app: App, client: WebClient) => void,
  options: SlackAppOptions & { readonly prepare?: (slack: SlackApp) => void } = {},
): Promise<Connected> => {
  const { prepare, ...slackOptions } = options;
  const slack = await startSlackApp(slackOptions);
  onTestFinished(() => slack[Symbol.asyncDispose]());
  prepare?.(slack);
  const { log, lines } = keptLog();
  const rejections: Rejection[] = [];
  let count = 0;
  const recovered = (): number => count;
  const connection = startConnection({
    token: slack.api.token,
    apiUrl: slack.api.url,
    by: by === 'http' ? { by, signingSecret: SIGNING_SECRET } : { by, appToken: slack.appToken },
    register,
    onRejected: (rejection) => rejections.push(rejection),
    onRecovered: () => {
      count += 1;
    },
    now: slackOptions.now ?? Date.now,
    random: () => 0,
    log,
  });
  onTestFinished(() => connection[Symbol.asyncDispose]());
  if (!connection.router) {
    slack.reach({ by: 'socket' });
    return { slack, connection, url: '', rejections, recovered, logged: lines };
  }
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    routers: [connection.router],
    log,
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const url = `${server.url}${EVENTS_PATH}`;
  slack.reach({ by: 'http', url, signingSecret: SIGNING_SECRET });
  return { slack, connection, url, rejections, recovered, logged: lines };
};
