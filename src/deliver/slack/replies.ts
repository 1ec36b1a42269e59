import type { Card } from '../../store/ports.ts';
import { cut } from '../../template/slack-fit.ts';
import { LIMITS } from '../../template/slack-schema.ts';
import type { Replying } from './card-detail.ts';
import { type Content, context, section } from './compose.ts';
import type { Deps } from './deps.ts';
import type { Telling } from './telling.ts';

export type Thread = {
  /** Whether the reply of an earlier attempt is there; Slack is asked only where the outcome of one is unclear. */
  told(telling: Telling, root: Card): Promise<boolean>;
  /** Replies below a message unless an earlier attempt has; `content` is called only then. */
  reply(telling: Telling, root: Card, content: () => Content): Promise<void>;
  /** Replies without looking; `note` has to store durably that a reply is about to be posted. */
  post(telling: Telling, root: Card, content: Content, note: () => Promise<void>): Promise<void>;
  /** Whether an unclear reply was posted, whichever delivery it is of. */
  has(telling: Telling, root: Card, reply: Replying): Promise<boolean>;
};

export const createThread = ({ arrival, history, poster }: Deps): Thread => {
  const told = async (telling: Telling, { channel, ts }: Card): Promise<boolean> => {
    const since = telling.doubtSince();
    if (since === undefined) return false;
    const { delivery, named } = telling;
    const look = await history.lookInThread(
      { channel, ts, named },
      since,
      (payload) => payload.delivery_id === delivery.id,
    );
    telling.looked(look);
    return look.found === 'posted';
  };

  const post: Thread['post'] = async (telling, root, content, note) => {
    telling.spend();
    await note();
    const { channel, ts: thread } = root;
    const payload = { delivery_id: telling.delivery.id };
    await poster.post(telling, { channel, thread, content, payload });
  };

  return {
    told,
    post,
    async reply(telling, root, content) {
      if (!(await told(telling, root))) await post(telling, root, content(), telling.note);
    },
    async has(telling, { channel, ts }, { by, since }) {
      await arrival.ofSent(since);
      const { named } = telling;
      const look = await history.lookInThread({ channel, ts, named }, since, (payload) => payload.delivery_id === by);
      // What is found about another delivery's reply says nothing about this one's own.
      if (look.found === 'unknown') telling.looked(look);
      return look.found === 'posted';
    },
  };
};

/** A delivery's full content as a reply, with a remark in small print above where it needs one. */
export const fullReply = ({ again, rendered }: Telling, remark = again.replace(/: $/, '')): Content => ({
  text: cut(`${again}${rendered.text}`, LIMITS.text),
  blocks: [
    ...(remark ? [context(remark)] : []),
    ...(rendered.blocks.length > 0 ? rendered.blocks.slice(0, LIMITS.blocks - 1) : [section(rendered.text)]),
  ],
});
