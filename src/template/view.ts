import { dataOf, type Webhook } from '../core/webhook.ts';
import { type When, whenOf, whenStarted } from './when.ts';

/** What every Liquid template sees: the webhook's own fields at the top, and what the bot knows besides. */
export type View = {
  readonly id: string;
  readonly type: string;
  readonly created_at: unknown;
  readonly data: Readonly<Record<string, unknown>>;
  /** When the booking or event takes place; for a registration, its event. null where nothing says. */
  readonly when: When | null;
  /** When it was to take place before this webhook moved it; null where it moved nothing. */
  readonly moved_from: When | null;
  /** For a registration, the data of its event where an event webhook told of it; else null. */
  readonly event: Readonly<Record<string, unknown>> | null;
  readonly settings: ViewSettings;
};

export type ViewSettings = {
  readonly timezone: string;
  readonly locale: string;
  readonly public_url: string;
  /** The look that mails share, from `brand` in the rules file. */
  readonly brand?: Brand;
};

export type Brand = {
  readonly name?: string | undefined;
  /** An https address of a picture. */
  readonly logo?: string | undefined;
  /** `#1f5fbf` */
  readonly color?: string | undefined;
  readonly footer?: string | undefined;
};

export const viewOf = (
  webhook: Webhook,
  known: { movedFrom: string | null; event: Readonly<Record<string, unknown>> | null },
  settings: ViewSettings,
): View => {
  const data = dataOf(webhook);
  let when: When | undefined;
  return {
    id: webhook.id,
    type: webhook.type,
    created_at: webhook.created_at ?? null,
    data,
    // Made when first asked for: most rules never do, and putting times into words is the dearest part of a view.
    get when() {
      when ??= whenOf(data, settings) ?? (known.event && whenOf(known.event, settings)) ?? undefined;
      return when ?? null;
    },
    get moved_from() {
      return known.movedFrom === null ? null : whenStarted(known.movedFrom, data.timezone, settings);
    },
    event: known.event,
    settings,
  };
};
