import { DeliveryError } from '../../core/errors.ts';
import type { Card } from '../../store/ports.ts';
import { cut } from '../../template/slack-fit.ts';
import { LIMITS } from '../../template/slack-schema.ts';
import { type Replying, readDetail } from './card-detail.ts';
import { type Content, context, section } from './compose.ts';
import type { Deps } from './deps.ts';
import type { Roots } from './roots.ts';
import type { Telling } from './telling.ts';
import { withTold } from './told.ts';

export type Thread = {
  /** Whether the reply of an earlier attempt is there; Slack is asked only where the outcome of one is unclear. */
  told(telling: Telling, root: Card): Promise<boolean>;
  /**
   * Replies below the root of that name. The intent is stored with the root first, and with it the `marks` of what the reply
   * says: after a crash or a broken connection the next delivery, whichever it is, finds out by `settled` what became of it.
   * The caller has to save the root again once the reply is posted, with the marks in `told`.
   */
  post(telling: Telling, name: string, root: Card, content: Content, marks: readonly string[]): Promise<void>;
  /** The root, once it is known whether a reply with an unclear outcome was posted; of any delivery. */
  settled(telling: Telling, name: string, root: Card): Promise<Card>;
};

export const createThread = ({ arrival, history, now, poster, roots }: Deps & { roots: Roots }): Thread => {
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

  const isPosted = async (telling: Telling, { channel, ts }: Card, { by, since }: Replying): Promise<boolean> => {
    await arrival.ofSent(since);
    const { named } = telling;
    const look = await history.lookInThread({ channel, ts, named }, since, (payload) => payload.delivery_id === by);
    // What is found about another delivery's reply says nothing about this one's own.
    if (look.found === 'unknown') telling.looked(look);
    return look.found === 'posted';
  };

  return {
    told,
    async post(telling, name, root, content, marks) {
      const { channel, ts: thread } = root;
      const by = telling.delivery.id;
      const keep = (replying: Replying | null): Promise<void> =>
        roots.save(name, { ...root, detail: { ...readDetail(root.detail), replying } });
      telling.spend();
      await telling.note();
      await keep({ by, since: now(), marks });
      const letter = { channel, thread, content, payload: { delivery_id: by } };
      await poster.post(telling, letter).catch(async (error: unknown) => {
        if (error instanceof DeliveryError && !error.unclear) await keep(null);
        throw error;
      });
    },
    async settled(telling, name, root) {
      const { replying, ...detail } = readDetail(root.detail);
      if (!replying) return root;
      const { marks } = replying;
      const replied = (await isPosted(telling, root, replying)) && {
        untold: detail.untold.filter(({ id }) => !marks.includes(id)),
        told: withTold(detail.told, marks),
      };
      const known = { ...root, detail: { ...detail, replying: null, ...replied } };
      await roots.save(name, known);
      return known;
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
