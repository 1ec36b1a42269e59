import type { DeliveryStatus } from '../core/delivery.ts';
import type { Page, QueryStore, StoryDelivery } from '../store/ports.ts';
import { summarise } from './summary.ts';

/** The deliveries that a summary in Slack combines. */
export type TogetherAnswer = {
  readonly id: string;
  readonly limit: number;
  readonly offset: number;
  /** Empty if there is no such summary, or no more in it. */
  readonly deliveries: readonly {
    readonly id: string;
    readonly webhookId: string;
    readonly type: string;
    readonly resource: string | null;
    /** The resource's title, otherwise the attendee's name. */
    readonly what: string | null;
    readonly status: DeliveryStatus;
  }[];
  readonly more: boolean;
};

type TogetherStore = Pick<QueryStore, 'together' | 'story'>;

/** Whether an id is that of a summary, which stands for what would have been many messages. */
export const isTogetherId = (id: string): boolean => id.startsWith('sum_');

/** Lists the deliveries of a summary, in the order they were planned. */
export const together = async (store: TogetherStore, id: string, { limit, offset }: Page): Promise<TogetherAnswer> => {
  const found = await store.together(id, { limit: limit + 1, offset });
  return {
    id,
    limit,
    offset,
    deliveries: await Promise.all(found.slice(0, limit).map((delivery) => told(store, delivery))),
    more: found.length > limit,
  };
};

const told = async (
  store: TogetherStore,
  { id, webhookId, type, resource: key, status }: StoryDelivery,
): Promise<TogetherAnswer['deliveries'][number]> => {
  const { resources } = await store.story(webhookId);
  const resource = resources.find((known) => known.kind === key?.kind && known.id === key.id);
  return {
    id,
    webhookId,
    type,
    resource: key?.id ?? null,
    what: resource ? summarise(resource).what : null,
    status,
  };
};
