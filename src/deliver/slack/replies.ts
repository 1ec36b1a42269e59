import type { Card } from '../../store/ports.ts';
import { cut } from '../../template/slack-fit.ts';
import { LIMITS } from '../../template/slack-schema.ts';
import { type Content, context, section } from './compose.ts';
import type { Deps } from './deps.ts';
import type { Telling } from './telling.ts';

export type Thread = {
  /** Whether an earlier attempt's reply is there already; asked only where one can be. */
  told(telling: Telling, root: Card): Promise<boolean>;
  /** Replies below a message, once: `content` is asked for only where nothing of this delivery is there yet. */
  reply(telling: Telling, root: Card, content: () => Content): Promise<void>;
};

export const createThread = ({ history, poster }: Deps): Thread => {
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

  return {
    told,
    async reply(telling, root, content) {
      if (await told(telling, root)) return;
      telling.spend();
      await telling.note();
      const { channel, ts: thread } = root;
      const payload = { delivery_id: telling.delivery.id };
      await poster.post(telling, { channel, thread, content: content(), payload });
    },
  };
};

/** What a delivery says, in full, with small print above where it needs some. */
export const fullReply = ({ again, rendered }: Telling, remark = again.replace(/: $/, '')): Content => ({
  text: cut(`${again}${rendered.text}`, LIMITS.text),
  blocks: [
    ...(remark ? [context(remark)] : []),
    ...(rendered.blocks.length > 0 ? rendered.blocks.slice(0, LIMITS.blocks - 1) : [section(rendered.text)]),
  ],
});
