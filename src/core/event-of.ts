import type { Resource, ResourceKey } from './resource.ts';
import { dataOf, type Webhook } from './webhook.ts';

/** The data of the event that a registration's webhook is about, as far as it is known; null for any other webhook. */
export const eventOf = async (
  webhook: Webhook,
  store: { getResource(key: ResourceKey): Promise<Resource | undefined> },
): Promise<Resource['data'] | null> => {
  const id = dataOf(webhook).event_id;
  if (typeof id !== 'string' || id === '') return null;
  return (await store.getResource({ kind: 'event', id }))?.data ?? null;
};
