import type { WebClient } from '@slack/web-api';
import { DeliveryError } from '../../core/errors.ts';
import type { Content } from './compose.ts';
import { isAboutChannel, slackFailure } from './errors.ts';
import { METADATA_TYPE } from './message.ts';
import type { Pace } from './pace.ts';
import type { Places } from './places.ts';

/** Where messages of a delivery go. */
export type Address = {
  /** As rules and failures name the channel. */
  readonly named: string;
  readonly destination: string;
  /** Aborted when the bot must stop now: then nothing more is begun. */
  readonly signal: AbortSignal;
};

export type Letter = {
  /** The channel's id where it is known, else its name. */
  readonly channel: string;
  /** The message below which it goes. */
  readonly thread?: string;
  readonly content: Content;
  /** Ids only: everybody in the workspace can read it. */
  readonly payload: Readonly<Record<string, string | number>>;
};

/** A message in Slack. */
export type Place = { readonly channel: string; readonly ts: string };

/** Tells that a channel can't be written to, or with undefined that it can. */
export type OnChannel = (
  channel: string,
  failure: { readonly code: string; readonly message: string } | undefined,
) => void;

/** Calls Slack, a few calls at a time; throws DeliveryErrors. Rates are its callers' to keep, see Pace. */
export type Poster = {
  post(to: Address, letter: Letter): Promise<Place>;
  /** Changes a message; what it says twice is the same as once. */
  update(to: Address, place: Place, content: Content): Promise<void>;
};

const AT_ONCE = 8;
const WORKS = '';

export const createPoster = (deps: {
  readonly client: WebClient;
  readonly pace: Pace;
  readonly places: Places;
  readonly onChannel: OnChannel;
}): Poster => {
  const { client, pace, places, onChannel } = deps;
  const inTurn = createSlots(AT_ONCE);
  /** What was said last of each channel, the failure or that it works, so that each change is said once. */
  const said = new Map<string, string>();

  const sayBroken = (channel: string, { code, message }: DeliveryError): void => {
    if ((said.get(channel) ?? WORKS) !== WORKS) return;
    said.set(channel, code);
    onChannel(channel, { code, message });
  };

  /** Where nothing has the name any more, that its old id still works proves nothing. */
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
      if (channel === to.named) await places.learn(channel, posted.channel);
      sayWorks(to, channel);
      return posted;
    },
    async update(to, { channel, ts }, content) {
      const { text } = content;
      // An empty list takes the blocks away; none would leave them as they were.
      const blocks = [...content.blocks];
      await call(to, pace.blockUpdates, () => client.chat.update({ channel, ts, text, blocks, link_names: false }));
    },
  };
};

/** Attendees can type addresses and names; neither becomes a preview or a mention. */
export const LITERAL = { unfurl_links: false, unfurl_media: false, link_names: false } as const;

const notBegun = (): DeliveryError =>
  new DeliveryError('stopped', 'The bot stopped before Slack was called.', { verdict: 'retry' });

/** Runs so many at a time, the others in their order. */
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
