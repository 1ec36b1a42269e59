import type { DeliveryStatus } from '../core/delivery.ts';
import type { Verdict } from '../core/errors.ts';
import type { Resource } from '../core/resource.ts';
import type { ActionKind } from '../core/rule.ts';

/** For export/: everything of a kind, in the order in which it became known, a page at a time. */
export type ExportStore = {
  /** Bookings and events by when they start, whatever else by when it was first known. */
  exportResources(kind: string, span: Span, page: NextPage): Promise<readonly ExportedResource[]>;
  /** Deliveries by when they were planned. */
  exportDeliveries(span: Span, page: NextPage): Promise<readonly ExportedDelivery[]>;
};

/** From `from` up to, not including, `to`, in Unix milliseconds; null for no border. */
export type Span = { readonly from: number | null; readonly to: number | null };

/** The first `limit` of those behind `after`, the `seq` of the last one read; 0 at the beginning. */
export type NextPage = { readonly after: number; readonly limit: number };

export type ExportedResource = Resource & {
  readonly seq: number;
  /** When its first and its newest webhook happened, see createdAt(); null where none is kept. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Of the event that it belongs to, where that is known. */
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
  /** Of its last attempt; null where there was none. */
  readonly attemptedAt: number | null;
  readonly outcome: 'running' | 'done' | Verdict | 'stopped' | 'unclear' | null;
  readonly message: string | null;
  readonly type: string;
  readonly webhookId: string;
  /** What it is about; null where the webhook names nothing. */
  readonly resourceId: string | null;
};
