import type { Webhook } from './webhook.ts';

/** A webhook that was routed, with what was known about it: all that planning and rendering stand on. */
export type RoutedWebhook = {
  readonly webhook: Webhook;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  /** The start it moved its resource away from; null where it moved nothing. */
  readonly movedFrom: string | null;
  /** What of the resource's data it changed, with what was there before. */
  readonly changedFrom?: Readonly<Record<string, unknown>>;
  /** For a registration, the data of its event as it is known now; else null. */
  readonly event: Readonly<Record<string, unknown>> | null;
};
