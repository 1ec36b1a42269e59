import { createAnswerer } from './answer/answerer.ts';
import { createOnce } from './answer/once.ts';
import { createOperators } from './answer/operators.ts';
import { isSlackUrl } from './answer/slack-url.ts';
import { type Connection, type ConnectionDeps, startConnection } from './connection/connection.ts';
import type { HandleDeps } from './handle/deps.ts';
import { register } from './handle/register.ts';

export type SlackAppDeps = Omit<ConnectionDeps, 'register'> &
  Omit<HandleDeps, 'operators' | 'once' | 'workspace'> & {
    /** Ids of the users and user groups who may run operators' commands; empty: everybody in the workspace. */
    readonly operators: readonly string[];
  };

/**
 * Starts the part of the bot that people in Slack use: /webkasa, and the buttons of its messages. Returns at once, even with
 * tokens that Slack refuses: webhooks are received all the same.
 */
export const startSlackApp = (deps: SlackAppDeps): Connection =>
  startConnection({
    ...deps,
    register: (app, client, identity) => {
      const { apiUrl, now, log } = deps;
      register(app, client, {
        ...deps,
        operators: createOperators({ ids: deps.operators, client, now, log }),
        workspace: () => identity()?.teamId || undefined,
        once: createOnce(now),
        answererFor: ({ responseUrl, channel, actor, message }) =>
          createAnswerer({
            responseUrl: isSlackUrl(responseUrl, apiUrl) ? responseUrl : undefined,
            client,
            channel: channel.id || undefined,
            user: actor.id,
            thread: message?.thread,
            now,
            log,
          }),
      });
    },
  });
