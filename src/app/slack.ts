import type Router from '@koa/router';
import type { Config } from '../config.ts';
import { messageOf } from '../core/errors.ts';
import type { TeamDocument } from '../core/team.ts';
import type { RerunDeps } from '../query/rerun.ts';
import type { Log } from '../runtime/log.ts';
import { absentSlackRouter } from '../slack/absent.ts';
import { type BrokenChannels, watchChannels } from '../slack/alert/broken-channels.ts';
import { createSlackClient } from '../slack/client.ts';
import type { SlackLook } from '../slack/view/answer.ts';
import type { Rejection, Store } from '../store/ports.ts';
import { type Role, receives, works } from './role.ts';
import type { RulesInEffect } from './rules.ts';

type Common = {
  readonly team: TeamDocument;
  readonly rules: RulesInEffect;
  readonly now: () => number;
  readonly log: Log;
};

const lookOf = (config: Config, now: () => number) => (): SlackLook => ({
  timezone: config.timezone,
  locale: config.locale,
  now: now(),
});

/** Alerts the team to Slack channels that can't be posted to; does nothing without a token. */
export const watchSlackChannels = (
  config: Config,
  { store, team, rules, now, log }: Common & { readonly store: Pick<Store, 'inTurn'> },
): BrokenChannels => {
  if (!config.slack) return { report: () => {}, [Symbol.asyncDispose]: async () => {} };
  return watchChannels({
    team,
    client: createSlackClient(config.slack),
    alertChannel: config.slackAlertChannel,
    namedBy: rules.namedBy,
    look: lookOf(config, now),
    inTurn: store.inTurn,
    log,
  });
};

export type SlackSideDeps = Common & {
  readonly store: Store;
  readonly rerun: RerunDeps;
  readonly onDue: () => void;
  readonly onRejected: (rejection: Rejection) => void;
};

/** The HTTP routes for Slack, the state of its connection, and what has to be stopped. */
export type SlackSide = {
  readonly router: Router;
  /** Whether the Socket Mode connection is up; undefined where Slack uses HTTP or does not reach this process. */
  connected?(): boolean | undefined;
  /** Why it is down, and whether that lasts until somebody changes a setting. */
  cut?(): { readonly text: string; readonly lasting: boolean } | undefined;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts /webkasa and the buttons where Slack reaches this role: receivers over HTTP, workers by Socket Mode. Elsewhere the
 * route answers with the reason why Slack is not listened to.
 */
export const startSlackSide = async (config: Config, role: Role, deps: SlackSideDeps): Promise<SlackSide> => {
  const { team, rules, now, log, ...rest } = deps;
  const elsewhere = config.slackApp && absenceReason(config.slackApp.by, role);
  if (elsewhere) return { router: absentSlackRouter(elsewhere), [Symbol.asyncDispose]: async () => {} };
  if (!config.slack || !config.slackApp) {
    const why = `Slack is not listened to here: set ${config.slack ? '' : 'SLACK_BOT_TOKEN and '}SLACK_SIGNING_SECRET, or SLACK_APP_TOKEN for Socket Mode.`;
    return { router: absentSlackRouter(why), [Symbol.asyncDispose]: async () => {} };
  }
  // Deliveries paused by a refused token resume at once, not only when the pause is over.
  const onRecovered = (): void => {
    rest.store
      .setPause('slack', undefined)
      .then(rest.onDue)
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'the pause of slack could not be lifted'));
  };
  // Imported on demand: Bolt takes as much memory as everything else together.
  const { startSlackApp } = await import('../slack/app.ts');
  const connection = startSlackApp({
    ...config.slack,
    ...rest,
    onRecovered,
    by: config.slackApp,
    operators: config.slackOperators,
    team,
    rules: rules.answer,
    look: lookOf(config, now),
    now,
    random: Math.random,
    log,
  });
  return {
    router:
      connection.router ??
      absentSlackRouter(
        'Slack reaches the bot by Socket Mode, since SLACK_APP_TOKEN is set: unset it to be reached here.',
      ),
    connected() {
      const { connected } = connection.state();
      return connected === 'unknown' ? undefined : connected;
    },
    cut: () => connection.state().cut,
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
};

/** Why Slack is not listened to in this role; undefined where it is. */
const absenceReason = (by: 'http' | 'socket', role: Role): string | undefined => {
  if (by === 'http' && !receives(role))
    return "This process is a worker (--role worker): let Slack's requests go to a receiver.";
  if (by === 'socket' && !works(role))
    return 'Slack reaches the workers by Socket Mode, since SLACK_APP_TOKEN is set: this process is a receiver.';
  return undefined;
};
