import type { Actor } from './actor.ts';
import type { Resource } from './resource.ts';
import type { ActionKind, SlackStyle, UsefulUntil, WhenLate } from './rule.ts';
import type { Webhook } from './webhook.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * For how long after its webhook came a mail waits for what WebKasa's API has to tell, in milliseconds: two minutes, less
 * what the last try takes by itself.
 */
export const LONGEST_WAIT_FOR_FACTS = 110_000;

/** An action with every field rendered: what the channel needs to know of the rule. */
export type PlannedEmail = {
  /** An address; or EVERYONE_REGISTERED, which performing turns into a delivery for each registration. */
  readonly to: string;
  /** Set where the mail is to somebody registered for the webhook's event: their registration, as it was known then. */
  readonly registration?: {
    readonly id: string;
    readonly data: Fields;
    /** Of the newest state that its own webhooks had told by then; absent where none had. */
    readonly version?: number;
  };
  /** The name shown beside the address, where it is the attendee's own. */
  readonly name?: string;
  readonly template: string;
  readonly subject?: string;
  readonly replyTo?: string;
  /** The name beside MAIL_FROM's address. */
  readonly fromName?: string;
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  /** Whether a calendar invite goes along, where the webhook's data has a time. */
  readonly invite?: boolean;
  /** Until when it makes sense; see UsefulUntil. */
  readonly until?: UsefulUntil;
};
export type PlannedSlack = {
  readonly channel: string;
  /** With neither template nor text, the template of the resource's kind. */
  readonly template?: string;
  readonly text?: string;
  readonly as: SlackStyle;
};
export type PlannedSheet = {
  /** One cell by column name, as text; what stands under `key` finds the row again. */
  readonly columns: Readonly<Record<string, string>>;
  /** The column whose cell names the row: it is updated in place where there is one. Without, rows are only added. */
  readonly key?: string;
} & ({ readonly file: string } | { readonly google: string; readonly tab: string });

export type PlannedAction =
  | { readonly kind: 'email'; readonly email: PlannedEmail }
  | { readonly kind: 'slack'; readonly slack: PlannedSlack }
  | { readonly kind: 'sheet'; readonly sheet: PlannedSheet };

/** One action of one rule, planned for one webhook; written together with the decision that planned it. */
export type PlannedDelivery = {
  /** `dl_…`, made from webhook, rule and action, so that planning twice can't plan two. */
  readonly id: string;
  readonly webhookId: string;
  readonly rule: string;
  readonly kind: ActionKind;
  /** Who is told, e.g. `email:john@example.com`, `slack:#bookings`, `sheet:bookings.csv`. */
  readonly destination: string;
  /** Deliveries of the same key are performed in the order of their version, one at a time. */
  readonly key: string;
  readonly version: number;
  readonly late: WhenLate;
  /** How long it waits for something newer to take its place, in milliseconds; 0 or absent: not at all. */
  readonly hold?: number;
  readonly action: PlannedAction;
};

/**
 * pending: due now or later. running: an attempt is under way. done: told. dead: given up, see its error.
 * superseded: not performed, because something newer was already told to the same destination.
 */
export const DELIVERY_STATUSES = ['pending', 'running', 'done', 'dead', 'superseded'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** What a channel keeps of a try: before it acts (`note`) and after the provider accepted (`receipt`). */
export type Note = Readonly<Record<string, unknown>>;

/** A delivery handed to its channel, with all that is needed to perform it. */
export type ClaimedDelivery = {
  readonly id: string;
  readonly rule: string;
  readonly kind: ActionKind;
  readonly destination: string;
  readonly action: PlannedAction;
  readonly webhook: Webhook;
  readonly receivedAt: number;
  /**
   * The start this webhook moved the resource away from; null where it moved nothing. For mails, this and the next count
   * from what was told last: a change whose mail gave way to this one is part of it.
   */
  readonly movedFrom: string | null;
  /** What of the resource's data this webhook changed, with what was there before; see changesBetween() in changes.ts. */
  readonly changedFrom?: Fields;
  /** Of mails, where all that changed since the last one was changed back; absent otherwise. */
  readonly changedBack?: boolean;
  /** The event's data, for a registration whose event is known. */
  readonly event: Fields | null;
  /** The resource in its newest known state, which may be newer than the webhook; null where it has none. */
  readonly latest: Pick<Resource, 'status' | 'startsAt' | 'lastType' | 'version' | 'data'> | null;
  /** The newest known state of the registration that the mail goes to; absent where it goes to none, or none is known. */
  readonly registration?: Pick<Resource, 'id' | 'status' | 'lastType' | 'version' | 'data'>;
  /** Tries so far that count towards giving up, this one included. */
  readonly tries: number;
  /** Identifies this attempt in the store. */
  readonly attempt: number;
  /** Set where somebody had the webhook run again, and this delivery comes of that. */
  readonly rerun: { readonly by: Actor; readonly at: number } | null;
  /** Its place among those of its resource, see versionOf. */
  readonly version: number;
  /**
   * Set where earlier attempts may have reached the provider without our knowing: look before you act again. When the first
   * of them began, and when the last that had kept a note ended, or was found to have broken off (`startedAt` where none had).
   */
  readonly unclear: { readonly startedAt: number; readonly endedAt: number; readonly note: Note | null } | null;
};

/** The provider's acceptance, in words for `why`, and what later work needs (a Slack ts, say). */
export type Receipt = {
  readonly summary: string;
  readonly detail?: Note;
  /** A digest of what was told, so that a later run can see whether it would tell the same. */
  readonly fingerprint?: string;
  /** The id of the summary that told it together with others (`sum_…`). */
  readonly together?: string;
};
