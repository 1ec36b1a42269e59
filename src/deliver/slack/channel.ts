import { type Logger, LogLevel, WebClient } from '@slack/web-api';
import type { ClaimedDelivery, Receipt } from '../../core/delivery.ts';
import { DeliveryError } from '../../core/errors.ts';
import { createRateLimit } from '../../runtime/rate-limit.ts';
import type { AttemptTools, Channel } from '../channel.ts';
import { slackFailure } from './errors.ts';
import { createHistory, type Look } from './history.ts';
import { type MessageDeps, type SlackMessage, slackMessage } from './message.ts';

export type SlackChannelDeps = MessageDeps & {
  readonly token: string;
  readonly apiUrl: string;
  readonly now: () => number;
  readonly timeoutMs?: number;
};

/**
 * Posts to Slack, about one message a second to each channel, as Slack allows
 * (https://docs.slack.dev/apis/web-api/rate-limits). Where an earlier try may have got through, the message is looked for
 * in the channel before it is posted again; where the bot may not read the channel, it is posted, since twice is better
 * than never, and the receipt says so.
 */
export const createSlackChannel = (deps: SlackChannelDeps): Channel => {
  const client = new WebClient(deps.token, {
    slackApiUrl: deps.apiUrl,
    timeout: deps.timeoutMs ?? 10_000,
    // Trying again and waiting is the deliverer's: only it knows what may be repeated.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  });
  const rate = createRateLimit({ perSecond: 1, burst: 5 });
  const history = createHistory(client);

  const post = async (message: SlackMessage, look: Look | undefined): Promise<Receipt> => {
    const { channel: id, ts } = await client.chat.postMessage(message);
    if (id) history.learn(message.channel, id);
    const doubt =
      look?.found === 'unknown'
        ? `; an earlier try may have posted it too, which could not be looked up (${look.why})`
        : '';
    return { summary: `posted to ${message.channel}${doubt}`, detail: { channel: id ?? null, ts: ts ?? null } };
  };

  const attempt = async (delivery: ClaimedDelivery, message: SlackMessage): Promise<Receipt> => {
    const { unclear } = delivery;
    const look = unclear
      ? await history.look(delivery.id, message.channel, unclear.startedAt).catch((error: unknown) => {
          throw stillUnclear(slackFailure(error, message.channel));
        })
      : undefined;
    if (look?.found === 'posted') {
      return {
        summary: `found in ${message.channel}, posted by an earlier try`,
        detail: { channel: look.channel, ts: look.ts },
      };
    }
    try {
      return await post(message, look);
    } catch (error) {
      const failure = slackFailure(error, message.channel);
      throw look?.found === 'unknown' ? stillUnclear(failure) : failure;
    }
  };

  return {
    kind: 'slack',
    concurrency: 8,
    admit: (destination, now) => rate.take(destination, now),
    async perform(delivery, { signal }) {
      const message = slackMessage(delivery, deps);
      try {
        return await unlessStopped(signal, delivery, () => attempt(delivery, message));
      } catch (error) {
        if (error instanceof DeliveryError && error.verdict === 'wait') {
          rate.block(delivery.destination, deps.now() + (error.retryAfterMs ?? 0));
        }
        throw error;
      }
    },
  };
};

const stillUnclear = (failure: DeliveryError): DeliveryError =>
  failure.unclear
    ? failure
    : new DeliveryError(failure.code, failure.message, {
        verdict: failure.verdict,
        ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
        unclear: true,
        cause: failure.cause,
      });

/** The client can't call a request back, so its outcome stays unclear when the bot stops meanwhile. */
const unlessStopped = async (
  signal: AttemptTools['signal'],
  delivery: ClaimedDelivery,
  run: () => Promise<Receipt>,
): Promise<Receipt> => {
  const stopped = (underWay: boolean): DeliveryError =>
    new DeliveryError('stopped', 'The bot stopped before Slack answered.', {
      verdict: 'retry',
      unclear: underWay || delivery.unclear !== null,
    });
  if (signal.aborted) throw stopped(false);
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(stopped(true));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([run(), promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

const nothing = (): void => undefined;

/** The client would log to the console, and failures are told by their DeliveryError. */
const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
