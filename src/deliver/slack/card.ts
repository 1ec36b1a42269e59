import type { Receipt } from '../../core/delivery.ts';
import type { ResourceKey } from '../../core/resource.ts';
import { dataOf } from '../../core/webhook.ts';
import type { Card } from '../../store/ports.ts';
import { type CardDetail, type Line, readDetail } from './card-detail.ts';
import { slotsOf } from './count.ts';
import type { Deps } from './deps.ts';
import { isGone } from './errors.ts';
import type { EventCards } from './event-card.ts';
import { lineOf, linesAsReply, withLine } from './history-lines.ts';
import type { Thread } from './replies.ts';
import { type Draft, nameOf, type Roots } from './roots.ts';
import { FOLD, type Outcome, type Telling } from './telling.ts';
import { isTold, marksOf, withTold } from './told.ts';

/**
 * Keeps one message per channel for each booking or event, which always shows its newest state. Its thread has a line for each
 * state; the first one only once there is a second, since until then the card itself shows it.
 */
export const createCards = (deps: Deps & { roots: Roots; thread: Thread; events: EventCards }) => {
  const { compose, pace, poster, roots, thread, events } = deps;

  const draftOf = (telling: Telling, resource: ResourceKey): Draft => {
    const { delivery, rendered } = telling;
    const isEvent = resource.kind === 'event';
    return {
      version: delivery.version,
      detail: {
        shows: delivery.webhook.id,
        by: delivery.id,
        opener: delivery.id,
        untold: [lineOf(telling)],
        told: [],
        replying: null,
        event: isEvent ? { rendered, slots: slotsOf(dataOf(delivery.webhook)), counted: '' } : null,
      },
    };
  };

  const contentOf = async ({ delivery, rendered }: Telling, resource: ResourceKey, { event }: CardDetail) => {
    const counted = event ? await events.counted(resource.id, event.slots) : '';
    const content = compose(rendered, { blockId: delivery.id, about: resource.id, count: counted });
    return { content, event: event && { ...event, counted } };
  };

  const open = async (telling: Telling, resource: ResourceKey): Promise<Outcome> => {
    if (telling.folds()) return FOLD;
    const draft = draftOf(telling, resource);
    const { content, event } = await contentOf(telling, resource, draft.detail);
    const card = await roots.open(telling, nameOf(resource), content, { ...draft, detail: { ...draft.detail, event } });
    return receipt(`posted to ${telling.named}${telling.doubt()}`, card);
  };

  /** Updates the message first and stores that, so that an attempt after a crash in between only has to post the reply. */
  const update = async (telling: Telling, resource: ResourceKey, card: Card): Promise<Card> => {
    const before = readDetail(card.detail);
    const draft = draftOf(telling, resource);
    const { content, event } = await contentOf(telling, resource, draft.detail);
    pace.takeUpdate();
    await poster.update(telling, card, content);
    const { version, detail: next } = draft;
    const untold = withLine(before.untold, lineOf(telling));
    // Where another delivery found the message that this one posted, and replied below it: this state needs a line there too.
    const opener = before.opener === telling.delivery.id ? '' : before.opener;
    const updated = { ...card, version, detail: { ...next, opener, untold, told: before.told, event } };
    await roots.save(nameOf(resource), updated);
    return updated;
  };

  /** Replies with all lines that the thread lacks, and `extra` unless an earlier attempt has posted them. */
  const tellLines = async (telling: Telling, resource: ResourceKey, card: Card, extra: readonly Line[]) => {
    const detail = readDetail(card.detail);
    const isThere = extra.length > 0 && (await thread.told(telling, card));
    const lines = isThere ? detail.untold : [...detail.untold, ...extra];
    const name = nameOf(resource);
    if (lines.length > 0) {
      await thread.post(telling, name, card, linesAsReply(lines, telling.settings), marksOf(lines));
    }
    const told = withTold(detail.told, marksOf([...detail.untold, ...extra]));
    await roots.save(name, { ...card, detail: { ...detail, untold: [], told } });
  };

  const renew = async (telling: Telling, resource: ResourceKey, card: Card): Promise<Receipt> => {
    const { delivery, named, slack } = telling;
    const detail = readDetail(card.detail);
    const showsThis = detail.shows === delivery.webhook.id;

    if (showsThis && detail.by === delivery.id) {
      const isUntold = detail.opener !== delivery.id && detail.untold.some(({ id }) => id === delivery.id);
      if (isUntold) await tellLines(telling, resource, card, []);
      const how = detail.opener === delivery.id ? `found in ${named}, posted by an earlier try` : UPDATED(named);
      return receipt(how + telling.doubt(), card);
    }
    if (showsThis && !delivery.rerun && slack.text === undefined)
      return receipt(`the card in ${named} already shows this`, card);
    if (delivery.version <= card.version) {
      if (isTold(telling, detail.told)) return receipt(`the thread of the card in ${named} already tells this`, card);
      if (isTold(telling, marksOf(detail.untold))) {
        await tellLines(telling, resource, card, []);
        return receipt(`told in the thread of the card in ${named}${telling.doubt()}`, card);
      }
    }
    if (showsThis && !delivery.rerun) {
      await tellLines(telling, resource, card, [lineOf(telling)]);
      return receipt(`told in the thread of the card in ${named}${telling.doubt()}`, card);
    }
    if (delivery.version < card.version) {
      await tellLines(telling, resource, card, [lineOf(telling, !delivery.rerun)]);
      return receipt(`told in the thread of the card in ${named}, which shows something newer${telling.doubt()}`, card);
    }
    await tellLines(telling, resource, await update(telling, resource, card), []);
    return receipt(UPDATED(named) + telling.doubt(), card);
  };

  return {
    /** Brings the card of a resource up to date. Must not run concurrently for one resource. */
    async tell(telling: Telling, resource: ResourceKey): Promise<Outcome> {
      const card = await roots.find(telling, nameOf(resource), () => draftOf(telling, resource));
      if (!card) return open(telling, resource);
      try {
        return await renew(telling, resource, await thread.settled(telling, nameOf(resource), card));
      } catch (error) {
        if (!isGone(error)) throw error;
        await roots.forget(nameOf(resource), card);
        return open(telling, resource);
      }
    },
  };
};

const UPDATED = (named: string): string => `updated the card in ${named}, and told it in its thread`;

const receipt = (summary: string, { channel, ts }: Card): Receipt => ({ summary, detail: { channel, ts } });
