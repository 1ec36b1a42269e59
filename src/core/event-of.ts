import { saysCancelled } from './cancelled.ts';
import type { Resource, ResourceKey } from './resource.ts';
import { dataOf, type Webhook } from './webhook.ts';

/** The data of the event that a registration's webhook is about, as far as it is known; null for any other webhook. */
export const eventOf = async (
  webhook: Webhook,
  store: { getResource(key: ResourceKey): Promise<Resource | undefined> },
): Promise<Resource['data'] | null> => {
  const id = dataOf(webhook).event_id;
  if (typeof id !== 'string' || id === '') return null;
  const event = await store.getResource({ kind: 'event', id });
  return event ? eventData(event) : null;
};

/** An event's data; where its newest webhook says by its type alone that it is cancelled, its status says so too. */
export const eventData = ({ data, lastType }: Pick<Resource, 'data' | 'lastType'>): Resource['data'] =>
  lastType === 'event.cancelled' && !saysCancelled(data.status) ? { ...data, status: 'cancelled' } : data;
