import { hash } from 'node:crypto';

const LONGEST_ID = 200;

/** Under this name the cards keep what alerts have to remember; see watch/alert/kept.ts. */
export const ALERTS_CARD = 'alerts';

/** And under this one what a store is called; see watch/store-name.ts. */
export const STORE_CARD = 'store name';

/** What the cards about a resource are named by, after their channel; see deliver/slack/roots.ts. */
export const cardName = (kind: string, id: string): string =>
  kind.length + id.length <= LONGEST_ID ? `${kind}:${id}` : `long:${hash('sha256', `${kind}:${id}`)}`;
