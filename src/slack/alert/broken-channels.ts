import type { WebClient } from '@slack/web-api';
import type { BrokenChannel, TeamDocument } from '../../core/team.ts';
import { changeTeam, markBroken, markTold, markWorking } from '../../core/team-changes.ts';
import { atMost } from '../../runtime/at-most.ts';
import type { Log } from '../../runtime/log.ts';
import type { Turns } from '../../store/ports.ts';
import { traceOf } from '../trace.ts';
import type { SlackLook } from '../view/answer.ts';
import { brokenChannelAlert, channelWorksAgainAlert } from '../view/channel-alert.ts';
import { tell } from './tell.ts';

/** Why messages to a channel fail; `message` says what to do about it. */
export type ChannelFailure = { readonly code: string; readonly message: string };

export type BrokenChannelsDeps = {
  readonly team: TeamDocument;
  readonly client: Pick<WebClient, 'chat'>;
  /** The name or id of the channel that alerts are posted to. */
  readonly alertChannel: string;
  /** Ids of the rules and subscriptions that name a channel. */
  readonly namedBy: (channel: string) => readonly string[];
  readonly look: () => SlackLook;
  /** One process at a time handles a channel, so that several workers which find it broken post one alert. */
  readonly inTurn: Turns['inTurn'];
  readonly log: Log;
  /** Milliseconds after which an alert that was not posted is tried again. */
  readonly again?: number;
};

/** What is to be done about a channel: a failure or a success was reported, or an alert was not posted yet. */
type Task = ChannelFailure | 'works' | 'alert owed';

const AGAIN = 5 * 60_000;
/** A Slack that hangs must not keep the bot from stopping. */
const STOP_WITHIN = 3_000;

export type BrokenChannels = {
  /** Records that posting to a channel failed, or with undefined that it worked. Returns at once: no delivery waits for it. */
  report(channel: string, failure: ChannelFailure | undefined): void;
  /**
   * Finishes the reports under way. What is left after three seconds is taken up at the next start, or with the next report.
   */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Keeps track of broken channels in the team's document, and posts one alert to the alert channel when a channel breaks and
 * one when it works again, however many processes share the document. An alert that the alert channel did not take is tried
 * again every five minutes, at the next report, and at the next start.
 */
export const watchChannels = (deps: BrokenChannelsDeps): BrokenChannels => {
  const { team, inTurn, log, again = AGAIN } = deps;
  /** What is still to be handled of each channel: its latest report, or the alert that is owed. */
  const waiting = new Map<string, Task>();
  let working: Promise<void> | undefined;
  let givenUp = false;

  const work = async (): Promise<void> => {
    for (const [channel, what] of waiting) {
      if (givenUp) return;
      waiting.delete(channel);
      await inTurn(`broken channel ${channel}`, () => handle(deps, channel, what)).catch((error: unknown) => {
        log.error(
          { channel, error: traceOf(error) },
          "the state of a Slack channel could not be kept in the team's document",
        );
      });
    }
    working = undefined;
    alertLater();
  };

  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const owed = () => team.current().broken.filter(({ told }) => !told);
  const alertOwed = (): void => {
    for (const { channel } of owed()) if (!waiting.has(channel)) waiting.set(channel, 'alert owed');
    if (waiting.size > 0) working ??= work();
  };
  const alertLater = (): void => {
    clearTimeout(timer);
    if (!stopped && owed().length > 0) timer = setTimeout(alertOwed, again).unref();
  };

  alertOwed();
  return {
    report(channel, failure) {
      const known = team.current().broken.some((broken) => broken.channel === channel);
      if (!failure && !known && !waiting.has(channel)) return;
      waiting.set(channel, failure ?? 'works');
      working ??= work();
    },
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      clearTimeout(timer);
      await atMost(STOP_WITHIN, working);
      givenUp = working !== undefined;
    },
  };
};

const handle = async (deps: BrokenChannelsDeps, channel: string, what: Task): Promise<void> => {
  if (what === 'works') return onWorking(deps, channel);
  if (what !== 'alert owed') return onBroken(deps, channel, what);
  const broken = await brokenNow(deps, channel);
  if (broken) await alertBroken(deps, broken);
};

/** The channel's entry as it is now: another process may have been here before. */
const brokenNow = ({ team }: BrokenChannelsDeps, channel: string): Promise<BrokenChannel | undefined> =>
  changeTeam(team, (now) => ({ team: now, outcome: now.broken.find((each) => each.channel === channel) }));

const onBroken = async (
  deps: BrokenChannelsDeps,
  channel: string,
  { code, message }: ChannelFailure,
): Promise<void> => {
  const { team, look, log } = deps;
  const since = new Date(look().now).toISOString();
  const { did, channel: broken } = await changeTeam(team, (now) => markBroken(now, { channel, since, code, message }));
  if (did === 'broken') log.warn({ channel, code }, `Slack: a channel can't be told any more. ${message}`);
  await alertBroken(deps, broken);
};

const alertBroken = async (deps: BrokenChannelsDeps, broken: BrokenChannel): Promise<void> => {
  if (broken.told) return;
  const alert = brokenChannelAlert({ broken, rules: deps.namedBy(broken.channel) }, deps.look());
  if (await tell(deps, alert)) await changeTeam(deps.team, (now) => markTold(now, broken.channel));
};

/** Alerts first and forgets afterwards: a crash in between alerts twice, the other way round it would never alert. */
const onWorking = async (deps: BrokenChannelsDeps, channel: string): Promise<void> => {
  const { team, look, log } = deps;
  const broken = await brokenNow(deps, channel);
  if (!broken) return;
  log.info({ channel }, 'Slack: the channel can be told again');
  if (broken.told) await tell(deps, channelWorksAgainAlert({ broken }, look()));
  await changeTeam(team, (now) => markWorking(now, channel));
};
