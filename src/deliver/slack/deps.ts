import type { CardStore, QueryStore } from '../../store/ports.ts';
import type { Arrival } from './arrival.ts';
import type { ChannelIds } from './channel-ids.ts';
import type { Compose } from './compose.ts';
import type { History } from './history.ts';
import type { MessageDeps } from './message.ts';
import type { Pace } from './pace.ts';
import type { Poster } from './poster.ts';

/** What cards, threads, plain messages and summaries share. */
export type Deps = MessageDeps & {
  readonly store: CardStore & Pick<QueryStore, 'together'>;
  readonly interactive: boolean;
  readonly compose: Compose;
  readonly pace: Pace;
  readonly channelIds: ChannelIds;
  readonly history: History;
  readonly poster: Poster;
  readonly arrival: Arrival;
  readonly now: () => number;
};
