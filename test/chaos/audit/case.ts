import type { Delivery, Evidence, StoredWebhook } from './evidence.ts';

/** What must not be, and which of the promises it breaks. */
export type Finding = { readonly promise: string; readonly what: string };

/** A case, as every part of the audit looks at it. */
export type Case = Evidence & {
  readonly webhooks: readonly StoredWebhook[];
  readonly deliveries: readonly Delivery[];
  readonly byId: ReadonlyMap<string, Delivery>;
  /** The deliveries that arrived at Slack, in the order in which they did. */
  readonly posted: readonly string[];
};

/** Turns texts into findings about one promise. */
export const about = (promise: string, texts: Iterable<string>): Finding[] =>
  Array.from(texts, (what) => ({ promise, what }));
