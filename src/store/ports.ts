import type { Act, Actor } from '../core/actor.ts';
import type { ClaimedDelivery, DeliveryStatus, Note, PlannedDelivery, Receipt } from '../core/delivery.ts';
import type { Verdict } from '../core/errors.ts';
import type { Resource, ResourceKey } from '../core/resource.ts';
import type { ActionKind, Decision } from '../core/rule.ts';
import type { SearchQuery } from '../core/search-query.ts';
import type { ReceivedWebhook } from '../core/webhook.ts';
import type { CardStore } from './card-ports.ts';
import type { ExportStore } from './export-ports.ts';
import type { KeepingStore } from './keeping-ports.ts';
import type { MailStore } from './mail-ports.ts';
import type { Turns } from './process-ports.ts';
import type { Story, StoryDelivery } from './story-ports.ts';

export type { Card, CardStore, RegistrationCount } from './card-ports.ts';
export type { MailStore, MailThread, RefusedAddress, SentInvite } from './mail-ports.ts';
export type { Signals, Turns, Work } from './process-ports.ts';
export type { Story, StoryAttempt, StoryDelivery, StoryWebhook } from './story-ports.ts';

/*
 * What the stages ask of a store. Each consumer takes the narrowest port; each method is atomic and, where it writes,
 * durable (committed and synced to disk) before its promise resolves. All times are Unix milliseconds.
 * test/contracts/ holds what every adapter must do.
 */

/** For receive/. */
export type WebhookInbox = {
  /** Keeps a webhook once per id: `duplicate` where the id is known. Rejects where it could not be made durable. */
  accept(webhook: ReceivedWebhook): Promise<'stored' | 'duplicate'>;
  /** Adds to the counts by reason, and keeps the last few with their circumstances. */
  recordRejections(rejections: readonly Rejection[]): Promise<void>;
};

/** A request that was refused; never its body. */
export type Rejection = {
  readonly at: number;
  readonly reason: string;
  readonly remote: string;
  readonly bytes: number;
  readonly userAgent: string;
};

/** For route/. */
export type RoutingStore = {
  /** The oldest accepted webhooks without a decision, in order of arrival. */
  unrouted(limit: number): Promise<readonly StoredWebhook[]>;
  getResource(key: ResourceKey): Promise<Resource | undefined>;
  /**
   * Writes a webhook's decisions, its planned deliveries and its resource's new state together. `conflict`, and nothing
   * written, where it was routed already or the resource is no longer at `expectedVersion`: read again and decide anew.
   */
  saveRouting(routing: Routing): Promise<'saved' | 'conflict'>;
};

export type StoredWebhook = ReceivedWebhook & { readonly seq: number };

export type Routing = {
  readonly seq: number;
  /** When WebKasa says it happened, see createdAt(). */
  readonly createdAt: number;
  readonly decidedAt: number;
  /** From when on its deliveries may be performed; `decidedAt` where absent. */
  readonly dueAt?: number;
  readonly decisions: readonly Decision[];
  readonly deliveries: readonly PlannedDelivery[];
  /** What was unusual about the webhook, see oddities(). */
  readonly oddities: readonly string[];
  readonly movedFrom: string | null;
  /** What of the resource's data it changed, with what was there before; absent where nothing. */
  readonly changedFrom?: Readonly<Record<string, unknown>>;
  readonly key: ResourceKey | undefined;
  /** The resource's state from now on; undefined where the webhook names none. */
  readonly resource: Resource | undefined;
  /** Version of the state the decision was made on; undefined where there was none. */
  readonly expectedVersion: number | undefined;
};

/** For deliver/. */
export type DeliveryStore = {
  /**
   * Deliveries of one kind that are due, oldest first, those that others came to behind all others. Only the first of its
   * key by version, and only while no other of that key is running. Those whose destination was already told something newer
   * are ended as superseded, not returned; so are those with a `hold` of whose key something newer waits. What another came
   * to takes the place of nothing but its like: it tells of something else. A `hold` puts off when a delivery is due, and
   * counts for neither reruns nor those that are told even when late.
   */
  due(kind: ActionKind, now: number, limit: number): Promise<readonly DueDelivery[]>;
  /** Puts off pending deliveries without using an attempt. */
  postpone(later: readonly { readonly id: string; readonly until: number }[]): Promise<void>;
  /** Starts an attempt at each that is still pending, and of whose key none is running and none older waits; returns those. */
  claim(ids: readonly string[], now: number): Promise<readonly ClaimedDelivery[]>;
  /** Keeps a note with a running attempt. */
  note(attempt: number, note: Note): Promise<void>;
  /** Ends an attempt, and with it sets the delivery's status. */
  settle(settlement: Settlement): Promise<void>;
  /**
   * After a crash: ends the attempts left running as unclear, but for those of other processes that are alive; their
   * deliveries are due before newer ones. Returns how many.
   */
  recoverRunning(now: number): Promise<number>;
  /**
   * Does the same for processes on this store that have died since, and frees what they had taken to route. Returns how
   * many deliveries go on. Where one process works alone there are none.
   */
  recoverLost(now: number): Promise<number>;
  /**
   * When the next delivery may go: that of a key's first, while none of the key is running. undefined where all that is
   * pending waits for a running one, or nothing is pending.
   */
  nextDue(kind: ActionKind): Promise<number | undefined>;
  /** Shows that a channel is paused as a whole, or with undefined that it is no longer. */
  setPause(kind: ActionKind, pause: Pause | undefined): Promise<void>;
  /** As it was set last; undefined also where a retry lifted it. */
  getPause(kind: ActionKind): Promise<Pause | undefined>;
};

export type DueDelivery = { readonly id: string; readonly destination: string };

export type Pause = { readonly since: number; readonly until: number; readonly code: string; readonly message: string };

export type Settlement = {
  readonly attempt: number;
  readonly id: string;
  readonly at: number;
  readonly outcome:
    | {
        readonly status: 'done';
        readonly receipt: Receipt;
        /** What it came to: planned together with the settlement, for the same webhook, due at once; known ids are left alone. */
        readonly planned?: readonly PlannedDelivery[];
      }
    | {
        /** `superseded` only with the verdict `obsolete`. */
        readonly status: 'pending' | 'dead' | 'superseded';
        readonly verdict: Verdict | 'stopped';
        readonly code: string;
        readonly message: string;
        /** Whether the provider may have accepted: the next attempt is told to look first. */
        readonly unclear: boolean;
        readonly dueAt: number;
        /** Whether the attempt counts towards giving up. */
        readonly counts: boolean;
      };
};

/** For query/ and the command line. */
export type QueryStore = {
  /**
   * Resources that fit. Words ignore case and accents and find parts of words; those of which nothing is left to look for
   * (a single letter) are passed over beside other words and filters, and find nothing where they stand alone.
   */
  search(query: SearchQuery, page: Page): Promise<readonly Resource[]>;
  /** Everything known under an id of a resource, a webhook or a delivery, oldest webhook first; empty where none is. */
  story(id: string): Promise<Story>;
  /**
   * Deliveries that are dead, and those waiting after a failed attempt; newest first. With `before`, the id of the last
   * delivery of one page, the page after it: however many were retried or performed meanwhile, none is left out.
   */
  failed(limit: number, before?: string): Promise<readonly StoryDelivery[]>;
  /** Dead deliveries whose last attempt ended after `after`, in no particular order; of more than `limit` the last to die. */
  died(after: number, limit: number): Promise<readonly StoryDelivery[]>;
  /** Deliveries, newest first. */
  deliveries(page: Page): Promise<readonly StoryDelivery[]>;
  /** The deliveries that a summary told together, in the order they were planned; empty where there is no such summary. */
  together(id: string, page: Page): Promise<readonly StoryDelivery[]>;
  status(): Promise<StoreStatus>;
};

export type Page = { readonly limit: number; readonly offset: number };

/** For what people have done. Each call keeps who, when and what together with the doing. */
export type ActStore = {
  /**
   * Makes dead and waiting deliveries of a resource, webhook or delivery, and those it came to, due now, with a new life;
   * also those that are due and held by the pause of their channel. Lifts the pauses of their channels, and lets mails go to
   * the addresses of those that are mails. Returns their ids.
   */
  retry(id: string, now: number, by: Actor): Promise<readonly string[]>;
  /**
   * Plans deliveries for a webhook that was routed before. `repeated`, and nothing written, where this run was asked for
   * already (by `token`); `conflict`, and nothing written, where one of the deliveries was planned meanwhile, or one that
   * they stand in for was retried meanwhile: look and decide anew. `unknown` where there is no such webhook, or it was not
   * routed yet.
   */
  rerun(run: Rerun): Promise<'planned' | 'repeated' | 'conflict' | 'unknown'>;
  /** Keeps what was done elsewhere, in the team's document. */
  recordAct(act: Act): Promise<void>;
  /** What was done, newest first; with a subject, only what was done about that. */
  acts(page: Page, subject?: string): Promise<readonly Act[]>;
};

export type Rerun = {
  readonly webhookId: string;
  /** The same for the same click, so that a repeated one does nothing. */
  readonly token: string;
  /** Empty where everything was skipped. Due at once. */
  readonly deliveries: readonly PlannedDelivery[];
  /**
   * Dead deliveries of the webhook that these stand in for: they end as superseded by it, so that no retry tells it twice.
   * So do dead ones that deliveries of the same rule and destination came to.
   */
  readonly insteadOf?: readonly string[];
  readonly act: Act;
};

export type OpenDeliveries = {
  readonly kind: ActionKind;
  readonly status: 'pending' | 'running';
  readonly count: number;
};

export type StoreStatus = {
  readonly webhooks: number;
  readonly unrouted: number;
  readonly deliveries: Readonly<Record<DeliveryStatus, number>>;
  /** Those of them that are open, by kind; in no order, and without kinds that have none. */
  readonly open: readonly OpenDeliveries[];
  /** Since when the oldest due work waits; null where nothing waits. */
  readonly oldestWaiting: number | null;
  readonly rejections: readonly { readonly reason: string; readonly count: number; readonly lastAt: number }[];
  readonly lastRejections: readonly Rejection[];
  readonly pauses: readonly (Pause & { readonly kind: ActionKind })[];
};

export type Store = WebhookInbox &
  RoutingStore &
  DeliveryStore &
  CardStore &
  MailStore &
  QueryStore &
  ExportStore &
  ActStore &
  KeepingStore &
  Turns & { [Symbol.asyncDispose](): Promise<void> };
