import type { Receipt } from '../../core/delivery.ts';
import type { Webhook } from '../../core/webhook.ts';
import type { Card } from '../../store/ports.ts';
import type { RenderedSlack } from '../../template/library.ts';
import { type EventDetail, readDetail } from './card-detail.ts';
import { countLine, slotsOf } from './count.ts';
import type { Deps } from './deps.ts';
import { isGone } from './errors.ts';
import { ownTemplate, renderTemplate, slackFingerprint } from './message.ts';
import type { Address } from './poster.ts';
import { fullReply, type Thread } from './replies.ts';
import { nameOf, type Roots } from './roots.ts';
import { FOLD, type Outcome, type Telling } from './telling.ts';
import { isTold, marksOfReply, withTold } from './told.ts';

export type EventCards = {
  /** Replies about a registration below its event's card and updates the count. Must not run concurrently for one event. */
  tell(telling: Telling, eventId: string): Promise<Outcome>;
  /** Updates the count on an event's card, where there is a card. */
  recount(to: Address, eventId: string): Promise<void>;
  /** The current registration count in words. */
  counted(eventId: string, slots: number | null): Promise<string>;
};

/** An event as its card has to show it. `counted` is the count on the card; undefined where the card has to be redrawn. */
type ToShow = Omit<EventDetail, 'counted'> & { readonly counted: string | undefined };

export const createEventCards = (deps: Deps & { roots: Roots; thread: Thread }): EventCards => {
  const { compose, now, pace, channelIds, poster, roots, store, thread } = deps;

  const counted = async (eventId: string, slots: number | null): Promise<string> =>
    countLine(await store.registrations(eventId), slots);

  /** Renders an event that this channel got no webhook about, from what is known of it. */
  const renderKnown = ({ delivery }: Telling, eventId: string): RenderedSlack => {
    const data = delivery.event ?? { id: eventId };
    const webhook: Webhook = { id: eventId, type: 'event', data };
    const known = { ...delivery, webhook, movedFrom: null, event: delivery.event };
    return renderTemplate(ownTemplate('event', deps), known, deps);
  };

  const draftOf = (telling: Telling, eventId: string) => ({
    // Older than any webhook of the event, so that the next one updates the card.
    version: 0,
    detail: {
      shows: '',
      by: '',
      opener: '',
      untold: [],
      told: [],
      replying: null,
      event: { rendered: renderKnown(telling, eventId), slots: slotsOf(telling.delivery.event), counted: '' },
    },
  });

  const open = async (telling: Telling, eventId: string): Promise<Card> => {
    const { version, detail } = draftOf(telling, eventId);
    const { rendered, slots } = detail.event;
    const count = await counted(eventId, slots);
    const content = compose(rendered, { blockId: telling.delivery.id, about: eventId, count });
    const event = { rendered, slots, counted: count };
    return roots.open(telling, eventName(eventId), content, { version, detail: { ...detail, event } });
  };

  /** Updates the message if its count has changed; `take` gets a place in the rate. Returns the card as stored after it. */
  const redraw = async (
    to: Address,
    eventId: string,
    card: Card,
    event: ToShow | null,
    take: () => void | Promise<void>,
  ): Promise<Card> => {
    if (!event) return card;
    const count = await counted(eventId, event.slots);
    if (count === event.counted) return card;
    const content = compose(event.rendered, { blockId: `count.${now()}`, about: eventId, count });
    await take();
    await poster.update(to, card, content);
    const detail = { ...readDetail(card.detail), event: { ...event, counted: count } };
    const redrawn = { ...card, detail };
    await roots.save(eventName(eventId), redrawn);
    return redrawn;
  };

  /** Remembers that the thread reports this registration. */
  const rememberTold = async (telling: Telling, eventId: string, card: Card): Promise<Receipt> => {
    const detail = readDetail(card.detail);
    const told = withTold(detail.told, marksOfReply(telling));
    await roots.save(eventName(eventId), { ...card, detail: { ...detail, told } });
    return receipt(telling, card);
  };

  /** A card that a registration opened shows what is known of the event by now: its data may have come after that. */
  const toShow = (telling: Telling, eventId: string, card: Card): ToShow => {
    const { shows, event } = readDetail(card.detail);
    if (event && (shows !== '' || !telling.delivery.event)) return event;
    const { rendered, slots } = draftOf(telling, eventId).detail.event;
    const isShown = event?.slots === slots && slackFingerprint(event.rendered) === slackFingerprint(rendered);
    return isShown ? event : { rendered, slots, counted: undefined };
  };

  const register = async (telling: Telling, eventId: string, card: Card): Promise<Receipt> => {
    const current = await redraw(telling, eventId, card, toShow(telling, eventId, card), pace.takeUpdate);
    await thread.post(telling, eventName(eventId), current, fullReply(telling), marksOfReply(telling));
    return rememberTold(telling, eventId, current);
  };

  return {
    counted,
    async tell(telling, eventId) {
      const kept = await roots.find(telling, eventName(eventId), () => draftOf(telling, eventId));
      const found = kept && (await thread.settled(telling, eventName(eventId), kept));
      if (found && isTold(telling, readDetail(found.detail).told)) {
        const { summary, ...rest } = receipt(telling, found);
        return { summary: `already ${summary}`, ...rest };
      }
      if (found && (await thread.told(telling, found))) return rememberTold(telling, eventId, found);
      if (telling.folds()) return FOLD;
      const card = found ?? (await open(telling, eventId));
      try {
        return await register(telling, eventId, card);
      } catch (error) {
        if (!isGone(error)) throw error;
        await roots.forget(eventName(eventId), card);
        return register(telling, eventId, await open(telling, eventId));
      }
    },
    async recount(to, eventId) {
      const id = await channelIds.idOf(to.named);
      const card = id && (await roots.kept(id, eventName(eventId)));
      if (!card) return;
      try {
        await redraw(to, eventId, card, readDetail(card.detail).event, pace.update);
      } catch (error) {
        // The next registration posts a new one.
        if (!isGone(error)) throw error;
      }
    },
  };
};

const eventName = (id: string): string => nameOf({ kind: 'event', id });

const receipt = (telling: Telling, { channel, ts }: Card): Receipt => ({
  summary: `told in the thread of the event's card in ${telling.named}${telling.doubt()}`,
  detail: { channel, ts },
});
