import type { WebClient } from '@slack/web-api';
import type { Log } from '../../runtime/log.ts';
import { createWake } from '../../runtime/wake.ts';
import { pauseAfter } from './pause.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Who the bot is in Slack. */
export type Identity = {
  /** The workspace: its id and name. */
  readonly teamId: string;
  readonly team: string;
  readonly userId: string;
  /** The name of the bot, without `@`. */
  readonly user: string;
};

export type TokenWatch = {
  /** The bot's identity as of the last successful check; undefined before the first. */
  readonly identity: () => Identity | undefined;
  /** Why the token can't be used; undefined while it can, or while nothing is known yet. */
  readonly trouble: () => Trouble | undefined;
  [Symbol.asyncDispose](): Promise<void>;
};

export type TokenWatchDeps = {
  readonly client: Pick<WebClient, 'auth'>;
  /** Scopes the bot needs; the log names those the token lacks. */
  readonly scopes: readonly string[];
  /** Called when the token works again after a failure that was reported. */
  readonly onRecovered: () => void;
  readonly random: () => number;
  readonly log: Log;
  /** Milliseconds between two checks of a token that works. */
  readonly every?: number;
};

const EVERY = 600_000;

/**
 * Checks with Slack whether the bot's token works: at the start, every ten minutes, and with growing backoff while it does
 * not. Logs every change in plain words and never throws: webhooks are received with or without Slack.
 */
export const watchToken = (deps: TokenWatchDeps): TokenWatch => {
  const { client, scopes, onRecovered, random, log, every = EVERY } = deps;
  const wake = createWake();
  let stopped = false;
  let identity: Identity | undefined;
  let trouble: Trouble | undefined;
  let lacking = '';
  /** Consecutive failed checks. */
  let failures = 0;
  /** Milliseconds for which Slack asked to be left alone at the last failed check. */
  let askedToWait = 0;

  const check = async (): Promise<void> => {
    const answer = await client.auth.test();
    if (stopped) return;
    const found: Identity = {
      teamId: answer.team_id ?? '',
      team: answer.team ?? '',
      userId: answer.user_id ?? '',
      user: answer.user ?? '',
    };
    const changed = found.teamId !== identity?.teamId || found.userId !== identity.userId;
    if (changed || trouble) log.info(`Slack: the bot is @${found.user} in the workspace ${found.team}`);
    const recovered = trouble !== undefined;
    identity = found;
    trouble = undefined;
    failures = 0;
    askedToWait = 0;
    if (recovered) onRecovered();
    reportLacking(answer.response_metadata?.scopes);
  };

  /** Slack lists the granted scopes with every answer; an app set up for an older version may lack some. */
  const reportLacking = (granted: readonly string[] | undefined): void => {
    const missing = granted ? scopes.filter((scope) => !granted.includes(scope)).join(', ') : '';
    if (missing && missing !== lacking)
      log.warn(
        `Slack: the app lacks ${missing}. Add it under OAuth & Permissions, Bot Token Scopes, and install the app anew; some answers fail until then.`,
      );
    lacking = missing;
  };

  const onTrouble = (error: unknown): void => {
    const found = troubleOf(error, 'SLACK_BOT_TOKEN');
    failures += 1;
    askedToWait = found.waitMs ?? 0;
    // A single failure that passes is no news.
    if (stopped || (failures === 1 && !found.lasting)) return;
    if (found.code !== trouble?.code)
      log[found.lasting ? 'error' : 'warn'](
        `${found.text} Webhooks are received all the same; Slack waits until then.`,
      );
    trouble = found;
  };

  const keepChecking = async (): Promise<void> => {
    while (!stopped) {
      await check().catch(onTrouble);
      if (stopped) return;
      await wake.sleep(failures === 0 ? every : Math.max(askedToWait, pauseAfter(failures, random())));
    }
  };

  void keepChecking();
  return {
    identity: () => identity,
    trouble: () => trouble,
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      wake.stop();
    },
  };
};
