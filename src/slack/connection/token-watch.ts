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
  /** As Slack told it last; undefined until it did. */
  readonly identity: () => Identity | undefined;
  /** Why the token can't be used; undefined where it can, or nothing is known yet. */
  readonly trouble: () => Trouble | undefined;
  [Symbol.asyncDispose](): Promise<void>;
};

export type TokenWatchDeps = {
  readonly client: Pick<WebClient, 'auth'>;
  /** Scopes that the bot needs; those that the token lacks are told. */
  readonly scopes: readonly string[];
  /** The token works again after it did not. */
  readonly onRecovered: () => void;
  readonly random: () => number;
  readonly log: Log;
  /** Milliseconds between two looks at a token that works. */
  readonly every?: number;
};

const EVERY = 600_000;

/**
 * Asks Slack whether the bot's token works: at the start, every ten minutes, and while it does not, again and again with
 * growing pauses. Tells what changed in plain words, and never throws: without Slack, webhooks are received all the same.
 */
export const watchToken = (deps: TokenWatchDeps): TokenWatch => {
  const { client, scopes, onRecovered, random, log, every = EVERY } = deps;
  const wake = createWake();
  let stopped = false;
  let identity: Identity | undefined;
  let trouble: Trouble | undefined;
  let lacking = '';
  let failures = 0;

  const look = async (): Promise<void> => {
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
    if (recovered) onRecovered();
    tellLacking(answer.response_metadata?.scopes);
  };

  /** Slack names the scopes with every answer; an older app may have been set up with fewer. */
  const tellLacking = (granted: readonly string[] | undefined): void => {
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
    if (stopped || (failures === 1 && !found.lasting)) return;
    if (found.code !== trouble?.code)
      log[found.lasting ? 'error' : 'warn'](
        `${found.text} Webhooks are received all the same; Slack waits until then.`,
      );
    trouble = found;
  };

  const keep = async (): Promise<void> => {
    while (!stopped) {
      await look().catch(onTrouble);
      if (stopped) return;
      await wake.sleep(failures === 0 ? every : Math.max(trouble?.waitMs ?? 0, pauseAfter(failures, random())));
    }
  };

  void keep();
  return {
    identity: () => identity,
    trouble: () => trouble,
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      wake.stop();
    },
  };
};
