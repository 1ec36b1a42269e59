import type { Receipt } from '../../core/delivery.ts';
import type { ResourceKey } from '../../core/resource.ts';
import type { Card } from '../../store/ports.ts';
import { slackMoment } from '../../template/slack-moment.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { readDetail } from './card-detail.ts';
import type { Deps } from './deps.ts';
import { isGone } from './errors.ts';
import { slackFingerprint } from './message.ts';
import { fullReply, type Thread } from './replies.ts';
import { type Draft, nameOf, type Roots } from './roots.ts';
import { FOLD, type Outcome, type Telling } from './telling.ts';
import { withTold } from './told.ts';

/** Posts a resource's first webhook as a message that is never changed, and later ones in full as replies in its thread. */
export const createThreads = ({ compose, roots, thread }: Deps & { roots: Roots; thread: Thread }) => {
  const draftOf = (telling: Telling): Draft => {
    const { delivery } = telling;
    return {
      version: delivery.version,
      detail: {
        shows: delivery.webhook.id,
        by: delivery.id,
        opener: delivery.id,
        untold: [],
        told: [markOf(telling)],
        replying: null,
        event: null,
      },
    };
  };

  const open = async (telling: Telling, resource: ResourceKey): Promise<Outcome> => {
    if (telling.folds()) return FOLD;
    const { delivery, rendered } = telling;
    const content = compose({ ...rendered, ...fullReply(telling) }, { blockId: delivery.id, about: resource.id });
    const root = await roots.open(telling, threadName(resource), content, draftOf(telling));
    return receipt(`posted to ${telling.named}${telling.doubt()}`, root);
  };

  const remember = async (telling: Telling, resource: ResourceKey, root: Card): Promise<void> => {
    const detail = readDetail(root.detail);
    const told = withTold(detail.told, [markOf(telling)]);
    const version = Math.max(root.version, telling.delivery.version);
    await roots.save(threadName(resource), { ...root, version, detail: { ...detail, told } });
  };

  const follow = async (telling: Telling, resource: ResourceKey, root: Card): Promise<Outcome> => {
    const { at, delivery, named, settings } = telling;
    const { opener, told: marks } = readDetail(root.detail);
    const isMarked = marks.includes(markOf(telling));
    if (opener === delivery.id) {
      if (!isMarked) await remember(telling, resource, root);
      return receipt(`found in ${named}, posted by an earlier try`, root);
    }
    if (isMarked && !delivery.rerun) return receipt(`its thread in ${named} already tells this`, root);
    const told = `told in its thread in ${named}`;
    if (await thread.told(telling, root)) {
      await remember(telling, resource, root);
      return receipt(told, root);
    }
    if (delivery.webhook.type.startsWith('registration.') && telling.folds()) return FOLD;
    const late = delivery.version < root.version && !delivery.rerun;
    const remark = late ? `Heard of late: this happened ${slackMoment(at, settings)}` : undefined;
    await thread.post(telling, threadName(resource), root, fullReply(telling, remark), [markOf(telling)]);
    await remember(telling, resource, root);
    return receipt(`${told}${telling.doubt()}`, root);
  };

  return {
    /** Must not run concurrently for one resource. */
    async tell(telling: Telling, resource: ResourceKey): Promise<Outcome> {
      const root = await roots.find(telling, threadName(resource), () => draftOf(telling));
      if (!root) return open(telling, resource);
      try {
        return await follow(telling, resource, await thread.settled(telling, threadName(resource), root));
      } catch (error) {
        if (!isGone(error)) throw error;
        await roots.forget(threadName(resource), root);
        return open(telling, resource);
      }
    },
  };
};

/**
 * The mark of a message in a thread: its webhook and content. Where two rules post to one channel about one webhook, equal
 * content is posted once.
 */
const markOf = ({ delivery, rendered }: Telling): string =>
  fingerprintOf(delivery.webhook.id, slackFingerprint(rendered));

const threadName = (resource: ResourceKey): string => `thread:${nameOf(resource)}`;

const receipt = (summary: string, { channel, ts }: Card): Receipt => ({ summary, detail: { channel, ts } });
