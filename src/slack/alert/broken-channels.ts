import type { WebClient } from '@slack/web-api';
import type { TeamDocument } from '../../core/team.ts';
import { changeTeam, markBroken, markTold, markWorking } from '../../core/team-changes.ts';
import { atMost } from '../../runtime/at-most.ts';
import type { Log } from '../../runtime/log.ts';
import { traceOf } from '../trace.ts';
import type { SlackLook } from '../view/answer.ts';
import { brokenChannelAlert, channelWorksAgainAlert } from '../view/channel-alert.ts';
import { tell } from './tell.ts';

/** Why a channel can't be told; `message` says what to do about it. */
export type ChannelFailure = { readonly code: string; readonly message: string };

export type BrokenChannelsDeps = {
  readonly team: TeamDocument;
  readonly client: Pick<WebClient, 'chat'>;
  /** Where it is told; a channel's name or id. */
  readonly alertChannel: string;
  /** Ids of the rules and subscriptions that name a channel. */
  readonly namedBy: (channel: string) => readonly string[];
  readonly look: () => SlackLook;
  readonly log: Log;
  /** Milliseconds after which an alert that was not taken is tried again. */
  readonly again?: number;
};

const AGAIN = 5 * 60_000;
/** A Slack that hangs must not keep the bot from ending. */
const STOP_WITHIN = 3_000;

export type BrokenChannels = {
  /** Notes that a channel could not be told, or that it could. Returns at once: no delivery waits for it. */
  report(channel: string, failure: ChannelFailure | undefined): void;
  /**
   * Finishes what it is about, the newest report of each channel. After three seconds what is left waits for the next start,
   * or the next report.
   */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Remembers in the team's document which channels can't be told, and tells it once in the alert channel: when it begins,
 * and when it is over. Where the alert channel took nothing, it is tried again: every five minutes, at the next report, and
 * at the next start.
 */
export const watchChannels = (deps: BrokenChannelsDeps): BrokenChannels => {
  const { team, log, again = AGAIN } = deps;
  const waiting = new Map<string, ChannelFailure | undefined>();
  let working: Promise<void> | undefined;
  let givenUp = false;

  const work = async (): Promise<void> => {
    for (const [channel, failure] of waiting) {
      if (givenUp) return;
      waiting.delete(channel);
      await (failure ? onBroken(deps, channel, failure) : onWorking(deps, channel)).catch((error: unknown) => {
        log.error(
          { channel, error: traceOf(error) },
          "the state of a Slack channel could not be kept in the team's document",
        );
      });
    }
    working = undefined;
    tellLater();
  };
  const report = (channel: string, failure: ChannelFailure | undefined): void => {
    const known = team.current().broken.find((broken) => broken.channel === channel);
    if (!failure && !known && !waiting.has(channel)) return;
    waiting.set(channel, failure);
    working ??= work();
  };

  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const untold = () => team.current().broken.filter(({ told }) => !told);
  const tellUntold = (): void => {
    for (const broken of untold()) report(broken.channel, broken);
  };
  const tellLater = (): void => {
    clearTimeout(timer);
    if (!stopped && untold().length > 0) timer = setTimeout(tellUntold, again).unref();
  };

  tellUntold();
  return {
    report,
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      clearTimeout(timer);
      await atMost(STOP_WITHIN, working);
      givenUp = working !== undefined;
    },
  };
};

const onBroken = async (
  deps: BrokenChannelsDeps,
  channel: string,
  { code, message }: ChannelFailure,
): Promise<void> => {
  const { team, look, log } = deps;
  const since = new Date(look().now).toISOString();
  const { did, channel: broken } = await changeTeam(team, (now) => markBroken(now, { channel, since, code, message }));
  if (did === 'broken') log.warn({ channel, code }, `Slack: a channel can't be told any more. ${message}`);
  if (broken.told) return;
  const alert = brokenChannelAlert({ broken, rules: deps.namedBy(channel) }, look());
  if (await tell(deps, alert)) await changeTeam(team, (now) => markTold(now, channel));
};

/** Told first and forgotten after: a crash in between tells it twice, the other way round would never tell it. */
const onWorking = async (deps: BrokenChannelsDeps, channel: string): Promise<void> => {
  const { team, look, log } = deps;
  const broken = team.current().broken.find((each) => each.channel === channel);
  if (!broken) return;
  log.info({ channel }, 'Slack: the channel can be told again');
  if (broken.told) await tell(deps, channelWorksAgainAlert({ broken }, look()));
  await changeTeam(team, (now) => markWorking(now, channel));
};
