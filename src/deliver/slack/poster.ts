import type { WebClient } from '@slack/web-api';
import { DeliveryError } from '../../core/errors.ts';
import type { ChannelIds } from './channel-ids.ts';
import type { Content } from './compose.ts';
import { isAboutChannel, slackFailure } from './errors.ts';
import { METADATA_TYPE } from './message.ts';
import type { Pace } from './pace.ts';

/** Where a delivery's messages go. */
export type Address = {
  /** The channel as rules and failures name it. */
  readonly named: string;
  readonly destination: string;
  /** Aborted when the bot must stop now: then no further call is made. */
  readonly signal: AbortSignal;
};

export type Letter = {
  /** The channel's id where it is known, else its name. */
  readonly channel: string;
  /** The ts of the message to reply to. */
  readonly thread?: string;
  readonly content: Content;
  /** Ids only: everybody in the workspace can read it. */
  readonly payload: Readonly<Record<string, string | number>>;
};

/** A posted message. */
export type PostedMessage = { readonly channel: string; readonly ts: string };

/** Reports that a channel can't be written to, or with undefined that it can. */
export type OnChannel = (
  channel: string,
  failure: { readonly code: string; readonly message: string } | undefined,
) => void;

/** Calls Slack, a few calls at a time; rejects with DeliveryErrors. Callers take a place in the rate first, see Pace. */
export type Poster = {
  post(to: Address, letter: Letter): Promise<PostedMessage>;
  /** Changes a message; idempotent. */
  update(to: Address, place: PostedMessage, content: Content): Promise<void>;
};

const AT_ONCE = 8;
const WORKS = '';

export const createPoster = (deps: {
  readonly client: WebClient;
  readonly pace: Pace;
  readonly channelIds: ChannelIds;
  readonly onChannel: OnChannel;
}): Poster => {
  const { client, pace, channelIds, onChannel } = deps;
  const inTurn = createSlots(AT_ONCE);
  /** What was last reported of each channel, its failure or WORKS, so that only changes are reported. */
  const said = new Map<string, string>();

  const sayBroken = (channel: string, { code, message }: DeliveryError): void => {
    if ((said.get(channel) ?? WORKS) !== WORKS) return;
    said.set(channel, code);
    onChannel(channel, { code, message });
  };

  /** While no channel has the name, success by the old id does not mean that the name works. */
  const sayWorks = ({ named }: Address, channel: string): void => {
    if (said.get(named) === WORKS || (said.get(named) === 'channel_not_found' && channel !== named)) return;
    said.set(named, WORKS);
    onChannel(named, undefined);
  };

  const call = <Result>(to: Address, block: (forMs: number) => void, run: () => Promise<Result>): Promise<Result> =>
    inTurn(async () => {
      if (to.signal.aborted) throw notBegun();
      try {
        return await run();
      } catch (error) {
        const failure = slackFailure(error, to.named);
        if (failure.verdict === 'wait') block(failure.retryAfterMs ?? 0);
        if (isAboutChannel(failure)) sayBroken(to.named, failure);
        throw failure;
      }
    });

  return {
    async post(to, { channel, thread, content, payload }) {
      const block = (forMs: number): void => pace.blockPosts(to.destination, forMs);
      const answer = await call(to, block, () =>
        client.chat.postMessage({
          channel,
          text: content.text,
          ...(content.blocks.length > 0 && { blocks: [...content.blocks] }),
          ...(thread !== undefined && { thread_ts: thread }),
          metadata: { event_type: METADATA_TYPE, event_payload: { ...payload } },
          ...LITERAL,
        }),
      );
      const posted = { channel: answer.channel ?? channel, ts: answer.ts ?? '' };
      if (channel === to.named) await channelIds.learn(channel, posted.channel);
      sayWorks(to, channel);
      return posted;
    },
    async update(to, { channel, ts }, content) {
      const { text } = content;
      // An empty list removes the blocks; leaving it out would keep the old ones.
      const blocks = [...content.blocks];
      await call(to, pace.blockUpdates, () => client.chat.update({ channel, ts, text, blocks, link_names: false }));
    },
  };
};

/** What attendees type becomes neither a link preview nor a mention. */
export const LITERAL = { unfurl_links: false, unfurl_media: false, link_names: false } as const;

const notBegun = (): DeliveryError =>
  new DeliveryError('stopped', 'The bot stopped before Slack was called.', { verdict: 'retry' });

/** Limits concurrency; the others wait in order. */
const createSlots = (most: number) => {
  let free = most;
  const waiting: (() => void)[] = [];
  return async <Result>(run: () => Promise<Result>): Promise<Result> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
};
