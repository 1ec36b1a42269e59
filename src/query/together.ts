import type { DeliveryStatus } from '../core/delivery.ts';

/** What a summary in Slack told together. */
export type TogetherAnswer = {
  readonly id: string;
  readonly limit: number;
  readonly offset: number;
  readonly deliveries: readonly {
    readonly id: string;
    readonly webhookId: string;
    readonly type: string;
    readonly resource: string | null;
    /** Its title, or who it is for. */
    readonly what: string | null;
    readonly status: DeliveryStatus;
  }[];
  readonly more: boolean;
};
