import type { DeliveryStatus } from '../core/delivery.ts';
import type { Verdict } from '../core/errors.ts';
import type { Resource } from '../core/resource.ts';
import type { ActionKind } from '../core/rule.ts';

/** The port of export/: everything of a kind, oldest row first, a page at a time. */
export type ExportStore = {
  /** `span` applies to the start of bookings and events, and to the first webhook of all other kinds. */
  exportResources(kind: string, span: Span, page: NextPage): Promise<readonly ExportedResource[]>;
  /** `span` applies to when a delivery's webhook was routed. */
  exportDeliveries(span: Span, page: NextPage): Promise<readonly ExportedDelivery[]>;
};

/** From `from` up to, not including, `to`, in Unix milliseconds; null for no limit. What has no time fits only without limits. */
export type Span = { readonly from: number | null; readonly to: number | null };

/** The next `limit` rows after `after`, the `seq` of the last row read; 0 at the beginning. */
export type NextPage = { readonly after: number; readonly limit: number };

export type ExportedResource = Resource & {
  readonly seq: number;
  /** createdAt() of its first and of its newest webhook; null if none is kept. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Of the event that a registration is for; null if that is unknown. */
  readonly eventTitle: string | null;
  readonly eventStartsAt: number | null;
};

export type ExportedDelivery = {
  readonly seq: number;
  readonly id: string;
  readonly plannedAt: number;
  readonly status: DeliveryStatus;
  readonly kind: ActionKind;
  readonly destination: string;
  readonly rule: string;
  readonly tries: number;
  /** When its last attempt ended, or began if it runs; null, like the two below, if it has none. */
  readonly attemptedAt: number | null;
  readonly outcome: 'running' | 'done' | Verdict | 'stopped' | 'unclear' | null;
  readonly message: string | null;
  readonly type: string;
  readonly webhookId: string;
  /** null if the webhook names no resource. */
  readonly resourceId: string | null;
};
