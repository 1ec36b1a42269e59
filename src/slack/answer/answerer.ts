import { WebAPIPlatformError, WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import type { Log } from '../../runtime/log.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { codeOf } from './code.ts';
import { postToUrl, type UrlMessage, type UrlOutcome } from './response-url.ts';

export type AnswererDeps = {
  /** Of the payload that is answered, where it is an address of Slack's; undefined where it has none, as a dialog's submission. */
  readonly responseUrl: string | undefined;
  readonly client: Pick<WebClient, 'chat'>;
  /** The channel it was asked in, by id; undefined where there is none. */
  readonly channel: string | undefined;
  /** Who asked, by id. */
  readonly user: string;
  /** The thread of the message whose button was pressed. */
  readonly thread?: string | undefined;
  readonly now: () => number;
  readonly log: Log;
  readonly fetch?: typeof fetch;
};

/** `unclear`: Slack may have taken it, and it could not be sent again without harm. */
export type Sent = 'sent' | 'unclear' | 'unsent';

/**
 * Answers one command, click or submission. None of this throws: what can't be sent is logged by its code, and the result
 * tells. Where the response_url is of no more use, answers for the asker go by the Web API: as an ephemeral message in the
 * channel, and where the bot is not in it, as a direct message.
 */
export type Answerer = {
  /** For the asker alone, as a message of its own. */
  reply(answer: SlackAnswer): Promise<Sent>;
  /** In place of the message whose button was pressed; where that can't be reached any more, as a reply. */
  replace(answer: SlackAnswer): Promise<Sent>;
  /** Takes away the message whose button was pressed. */
  remove(): Promise<Sent>;
  /** For the whole channel. Never sent twice, even where it is unclear whether it was sent at all. */
  post(answer: SlackAnswer): Promise<Sent>;
};

/** Slack takes five messages within thirty minutes; a minute is left for the way. */
const USES = 5;
const LIFETIME = 29 * 60_000;

/** Slack refuses the blocks, not the answer: its text is better than nothing. */
const BLOCK_TROUBLE = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'invalid_arguments']);

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
    if (outcome.is === 'refused' && message.blocks && BLOCK_TROUBLE.has(outcome.code)) {
      log.warn({ code: outcome.code }, 'Slack refused the blocks of an answer; its text is sent alone');
      const { blocks: _, ...plain } = message;
      return byUrl(plain);
    }
    return outcome;
  };

  /** Doing it twice comes to the same. */
  const surely = async (message: UrlMessage): Promise<UrlOutcome> => {
    const outcome = await byUrl(message);
    return outcome.is === 'unclear' ? byUrl(message) : outcome;
  };

  const { ephemeral, direct, inChannel } = apiWays(deps);

  /** For the asker alone by the Web API: directly where the channel is closed to it. */
  const aside = async (answer: SlackAnswer): Promise<Sent> => {
    const first = await ephemeral(answer);
    return unsent(first.is === 'refused' ? await direct(answer) : first);
  };

  const unsent = (outcome: UrlOutcome): Sent => {
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
    // Twice for one person's eyes is better than not at all.
    return (await byUrl(message)).is === 'sent' ? 'sent' : aside(answer);
  };

  return {
    reply,
    replace: async (answer) =>
      (await surely({ replace_original: true, ...answer })).is === 'sent' ? 'sent' : aside(answer),
    remove: async () => unsent(await surely({ delete_original: true })),
    post: async (answer) => {
      const message = { response_type: 'in_channel', replace_original: false, ...inThread, ...answer } as const;
      const outcome = await byUrl(message);
      return unsent(outcome.is === 'refused' && channel ? await inChannel(answer) : outcome);
    },
  };
};

type Way = (answer: SlackAnswer) => Promise<UrlOutcome>;

/** The ways of the Web API: to the asker in the channel, to the asker directly, to the channel. */
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
