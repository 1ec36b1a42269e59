import type { Receipt } from '../../core/delivery.ts';
import type { Content } from './compose.ts';
import type { Deps } from './deps.ts';
import type { PostedMessage } from './poster.ts';
import { fullReply } from './replies.ts';
import { FOLD, type Outcome, type Telling } from './telling.ts';

/** Posts a separate message for each delivery; one that an earlier attempt may have posted is looked for first. */
export const createPlain = ({ compose, history, poster }: Deps) => {
  const contentOf = (telling: Telling): Content => {
    const { delivery, rendered } = telling;
    const full = fullReply(telling);
    // A rule's own text stays as it is, without buttons.
    return rendered.blocks.length === 0
      ? { text: full.text, blocks: [] }
      : compose({ ...rendered, ...full }, { blockId: delivery.id, about: delivery.webhook.id });
  };

  return {
    async tell(telling: Telling): Promise<Outcome> {
      const { delivery, named } = telling;
      const since = telling.doubtSince();
      if (since !== undefined) {
        const look = await history.look(named, since, (payload) => payload.delivery_id === delivery.id);
        telling.looked(look);
        if (look.found === 'posted') return receipt(`found in ${named}, posted by an earlier try`, look);
      }
      if (telling.folds()) return FOLD;
      telling.spend();
      await telling.note();
      const payload = { delivery_id: delivery.id };
      const place = await poster.post(telling, { channel: named, content: contentOf(telling), payload });
      return receipt(`posted to ${named}${telling.doubt()}`, place);
    },
  };
};

const receipt = (summary: string, { channel, ts }: PostedMessage): Receipt => ({ summary, detail: { channel, ts } });
