import { dataOf, type Webhook } from '../core/webhook.ts';

/** What every Liquid template sees: the webhook's own fields at the top, and what the bot knows besides. */
export type View = {
  readonly id: string;
  readonly type: string;
  readonly created_at: unknown;
  readonly data: Readonly<Record<string, unknown>>;
  /** The start this webhook moved the resource away from; null where it moved nothing. */
  readonly moved_from: string | null;
  /** For a registration, the data of its event where an event webhook told of it; else null. */
  readonly event: Readonly<Record<string, unknown>> | null;
  readonly settings: ViewSettings;
};

export type ViewSettings = { readonly timezone: string; readonly locale: string; readonly public_url: string };

export const viewOf = (
  webhook: Webhook,
  known: { movedFrom: string | null; event: Readonly<Record<string, unknown>> | null },
  settings: ViewSettings,
): View => ({
  id: webhook.id,
  type: webhook.type,
  created_at: webhook.created_at ?? null,
  data: dataOf(webhook),
  moved_from: known.movedFrom,
  event: known.event,
  settings,
});
