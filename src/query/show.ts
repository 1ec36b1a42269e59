import type { DeliveryStatus } from '../core/delivery.ts';
import type { ActionKind } from '../core/rule.ts';
import type { QueryStore } from '../store/ports.ts';
import { tellDelivery } from './delivery-story.ts';
import { type RejectedRequests, recentRejections } from './rejections.ts';
import { type Summary, summarise } from './summary.ts';

/** What is known under an id, and a short account of what was delivered for it. */
export type ShowAnswer = {
  readonly id: string;
  readonly found: boolean;
  readonly resources: readonly (Summary & { readonly data: Readonly<Record<string, unknown>> })[];
  /** In order of arrival. */
  readonly webhooks: readonly {
    readonly id: string;
    readonly type: string;
    readonly receivedAt: Date;
    readonly decided: boolean;
    readonly deliveries: readonly {
      readonly id: string;
      readonly kind: ActionKind;
      readonly to: string;
      readonly status: DeliveryStatus;
      /** How many child deliveries it has, by status; absent if none. */
      readonly cameTo?: Readonly<Record<DeliveryStatus, number>>;
    }[];
  }[];
  /** If nothing was found, the requests refused lately, which may be why. */
  readonly rejections: readonly RejectedRequests[];
};

/** Shows what is known under the id of a resource, a webhook or a delivery. */
export const show = async (
  store: Pick<QueryStore, 'story' | 'status'>,
  id: string,
  now: number,
): Promise<ShowAnswer> => {
  const story = await store.story(id);
  const found = story.webhooks.length > 0 || story.resources.length > 0;
  return {
    id,
    found,
    resources: story.resources.map((resource) => ({ ...summarise(resource), data: resource.data })),
    webhooks: story.webhooks.map((webhook) => ({
      id: webhook.id,
      type: webhook.type,
      receivedAt: new Date(webhook.receivedAt),
      decided: webhook.decidedAt !== null,
      deliveries: webhook.deliveries.flatMap((delivery) => {
        const { id: deliveryId, kind, to, status, cameTo, cameOf } = tellDelivery(delivery, []);
        const isInCounts = cameOf !== undefined && deliveryId !== id;
        return isInCounts ? [] : [{ id: deliveryId, kind, to, status, ...(cameTo && { cameTo }) }];
      }),
    })),
    rejections: found ? [] : recentRejections(await store.status(), now),
  };
};
