export { ALERTS_CARD, STORE_CARD } from './card-name.ts';

import type { Note } from '../core/delivery.ts';

/** Slack messages that are updated in place. */
export type CardStore = {
  /** `key` names the channel's own id and the resource, see deliver/slack. */
  getCard(key: string): Promise<Card | undefined>;
  saveCard(key: string, card: Card): Promise<void>;
  /** The registrations of an event, counted by their newest state. */
  registrations(eventId: string): Promise<RegistrationCount>;
};

/** A message in Slack that is updated rather than posted anew. */
export type Card = {
  /** Slack's id of the channel. */
  readonly channel: string;
  /** Slack's id of the message within the channel. */
  readonly ts: string;
  /** The version of the resource state it shows. */
  readonly version: number;
  /** Whatever its owner has to remember, opaque to the store. */
  readonly detail: Note;
};

export type RegistrationCount = {
  /** Neither cancelled nor declined. */
  readonly active: number;
  readonly cancelled: number;
  /** The sum of `guest_count` over the active ones. */
  readonly guests: number;
};
