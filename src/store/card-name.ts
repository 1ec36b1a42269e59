import { hash } from 'node:crypto';

const LONGEST_ID = 200;

/** The card key under which the state of alerts is kept; see watch/alert/kept.ts. */
export const ALERTS_CARD = 'alerts';

/** The card key under which the store's name is kept; see watch/store-name.ts. */
export const STORE_CARD = 'store name';

/** The part of a card's key that names its resource, after the channel; see deliver/slack/roots.ts. Bounded in length. */
export const cardName = (kind: string, id: string): string =>
  kind.length + id.length <= LONGEST_ID ? `${kind}:${id}` : `long:${hash('sha256', `${kind}:${id}`)}`;
