import { WebAPIPlatformError, WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import type { Log } from '../../runtime/log.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { codeOf } from './code.ts';
import { postToUrl, type UrlMessage, type UrlOutcome } from './response-url.ts';

export type AnswererDeps = {
  /** The payload's response_url; undefined if it has none, as a dialog's submission, or one that is not Slack's address. */
  readonly responseUrl: string | undefined;
  readonly client: Pick<WebClient, 'chat'>;
  /** The id of the channel it was asked in; undefined if there is none. */
  readonly channel: string | undefined;
  /** The asker's id. */
  readonly user: string;
  /** The thread that the message with the button is in. */
  readonly thread?: string | undefined;
  readonly now: () => number;
  readonly log: Log;
  readonly fetch?: typeof fetch;
};

/** `unclear`: Slack may have taken the message, so it was not sent again. */
export type Sent = 'sent' | 'unclear' | 'unsent';

/**
 * Answers one command, click or submission. Nothing here rejects: what can't be sent is logged with its error code, and shows
 * in the result. If the response_url can't be used, answers for the asker go by the Web API: as an ephemeral message in the
 * channel, or if that is refused, as a direct message.
 */
export type Answerer = {
  /** Sends a new message that only the asker sees. */
  reply(answer: SlackAnswer): Promise<Sent>;
  /** Replaces the message whose button was pressed; if that fails, sends a new message to the asker. */
  replace(answer: SlackAnswer): Promise<Sent>;
  /** Deletes the message whose button was pressed. */
  remove(): Promise<Sent>;
  /** Posts to the whole channel. Never sent twice, even if it is unclear whether it was sent at all. */
  post(answer: SlackAnswer): Promise<Sent>;
};

/** Slack takes five messages within thirty minutes; the last minute is left unused. */
const USES = 5;
const LIFETIME = 29 * 60_000;

/** Errors that are about the blocks of a message: its text alone is better than nothing. */
const BLOCK_ERRORS = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'invalid_arguments']);

/** Makes the answerer of one payload; its response_url counts from now. */
export const createAnswerer = (deps: AnswererDeps): Answerer => {
  const { responseUrl, channel, thread, now, log } = deps;
  const expiresAt = now() + LIFETIME;
  let uses = 0;

  const byUrl = async (message: UrlMessage): Promise<UrlOutcome> => {
    if (!responseUrl) return { is: 'refused', code: 'no_url' };
    if (uses >= USES) return { is: 'refused', code: 'used_url' };
    if (now() >= expiresAt) return { is: 'refused', code: 'expired_url' };
    uses += 1;
    const outcome = await postToUrl(responseUrl, message, deps.fetch);
    if (outcome.is === 'refused' && message.blocks && BLOCK_ERRORS.has(outcome.code)) {
      log.warn({ code: outcome.code }, 'Slack refused the blocks of an answer; its text is sent alone');
      const { blocks: _, ...plain } = message;
      return byUrl(plain);
    }
    return outcome;
  };

  /** Sends an idempotent message, once more if it is unclear whether the first got through. */
  const byUrlIdempotent = async (message: UrlMessage): Promise<UrlOutcome> => {
    const outcome = await byUrl(message);
    return outcome.is === 'unclear' ? byUrl(message) : outcome;
  };

  const { ephemeral, direct, inChannel } = apiWays(deps);

  /** Sends to the asker alone by the Web API: in the channel, or if that is refused, as a direct message. */
  const byApi = async (answer: SlackAnswer): Promise<Sent> => {
    const first = await ephemeral(answer);
    return logged(first.is === 'refused' ? await direct(answer) : first);
  };

  /** The outcome as a result; logs all but success. */
  const logged = (outcome: UrlOutcome): Sent => {
    if (outcome.is === 'sent') return 'sent';
    log.warn(
      { code: outcome.code },
      `an answer in Slack ${outcome.is === 'unclear' ? 'may not have been' : 'was not'} sent`,
    );
    return outcome.is === 'unclear' ? 'unclear' : 'unsent';
  };

  const inThread = thread === undefined ? {} : { thread_ts: thread };
  const reply = async (answer: SlackAnswer): Promise<Sent> => {
    const message = { response_type: 'ephemeral', replace_original: false, ...inThread, ...answer } as const;
    // If it is unclear, one person seeing it twice is better than not at all.
    return (await byUrl(message)).is === 'sent' ? 'sent' : byApi(answer);
  };

  return {
    reply,
    replace: async (answer) =>
      (await byUrlIdempotent({ replace_original: true, ...answer })).is === 'sent' ? 'sent' : byApi(answer),
    remove: async () => logged(await byUrlIdempotent({ delete_original: true })),
    post: async (answer) => {
      const message = { response_type: 'in_channel', replace_original: false, ...inThread, ...answer } as const;
      const outcome = await byUrl(message);
      return logged(outcome.is === 'refused' && channel ? await inChannel(answer) : outcome);
    },
  };
};

type Way = (answer: SlackAnswer) => Promise<UrlOutcome>;

/** The ways to answer by the Web API: to the asker in the channel, to the asker directly, or to the channel. */
const apiWays = ({
  client,
  channel,
  user,
  thread,
}: AnswererDeps): Record<'ephemeral' | 'direct' | 'inChannel', Way> => {
  const message = ({ text, blocks }: SlackAnswer) => ({
    text,
    blocks: [...blocks],
    unfurl_links: false,
    unfurl_media: false,
  });
  const inThread = thread === undefined ? {} : { thread_ts: thread };
  return {
    ephemeral: async ({ text, blocks }) =>
      channel
        ? call(() => client.chat.postEphemeral({ channel, user, text, blocks: [...blocks], ...inThread }))
        : { is: 'refused', code: 'no_channel' },
    direct: (answer) => call(() => client.chat.postMessage({ channel: user, ...message(answer) })),
    inChannel: async (answer) =>
      channel
        ? call(() => client.chat.postMessage({ channel, ...message(answer), ...inThread }))
        : { is: 'refused', code: 'no_channel' },
  };
};

const call = async (ask: () => Promise<unknown>): Promise<UrlOutcome> => {
  try {
    await ask();
    return { is: 'sent' };
  } catch (error) {
    const certain = error instanceof WebAPIPlatformError || error instanceof WebAPIRateLimitedError;
    return { is: certain ? 'refused' : 'unclear', code: codeOf(error) };
  }
};
