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
 * What the stages need from a store. Each consumer depends on the narrowest port. Every method is atomic, and what it writes
 * is durable (committed and synced to disk) before its promise resolves. All times are Unix milliseconds.
 * The contract suites in test/contracts/ hold every adapter to this.
 */

/** The port of receive/. */
export type WebhookInbox = {
  /** Stores a webhook once per id: `duplicate` if the id is known. Rejects if it could not be made durable. */
  accept(webhook: ReceivedWebhook): Promise<'stored' | 'duplicate'>;
  /** Adds to the counts by reason, and keeps the most recent rejections in full. */
  recordRejections(rejections: readonly Rejection[]): Promise<void>;
};

/** A refused request, without its body. */
export type Rejection = {
  readonly at: number;
  readonly reason: string;
  readonly remote: string;
  readonly bytes: number;
  readonly userAgent: string;
};

/** The port of route/. */
export type RoutingStore = {
  /** The oldest accepted webhooks without a decision, in order of arrival. */
  unrouted(limit: number): Promise<readonly StoredWebhook[]>;
  getResource(key: ResourceKey): Promise<Resource | undefined>;
  /**
   * Writes a webhook's decisions, its planned deliveries and its resource's new state together. Resolves to `conflict`, with
   * nothing written, if the webhook was already routed or the resource is no longer at `expectedVersion`: read both again and
   * decide anew.
   */
  saveRouting(routing: Routing): Promise<'saved' | 'conflict'>;
};

export type StoredWebhook = ReceivedWebhook & { readonly seq: number };

export type Routing = {
  readonly seq: number;
  /** When WebKasa says it happened, see createdAt(). */
  readonly createdAt: number;
  readonly decidedAt: number;
  /** When its deliveries become due; `decidedAt` if absent. */
  readonly dueAt?: number;
  readonly decisions: readonly Decision[];
  readonly deliveries: readonly PlannedDelivery[];
  /** What was unusual about the webhook, see oddities(). */
  readonly oddities: readonly string[];
  readonly movedFrom: string | null;
  /** The fields of the resource's data that it changed, with their previous values; absent if it changed none. */
  readonly changedFrom?: Readonly<Record<string, unknown>>;
  readonly key: ResourceKey | undefined;
  /** The resource's new state; undefined if the webhook names no resource. */
  readonly resource: Resource | undefined;
  /** The version of the state that the decision was based on; undefined if there was none. */
  readonly expectedVersion: number | undefined;
};

/** The port of deliver/. */
export type DeliveryStore = {
  /**
   * Deliveries of one kind that are due: by due time, child deliveries after all others. Of each key, only the pending
   * delivery with the lowest version, and none while another of that key is running.
   *
   * A delivery is ended as superseded, and not returned, if a newer one of its key is done. With a `hold` (a debounce, which
   * delays when it is due) it is superseded as soon as a newer one of its key is pending. A child delivery supersedes only
   * other children, as it is about another resource than its recipient's own deliveries. Neither applies to deliveries that
   * are performed even when late, nor `hold` to reruns.
   */
  due(kind: ActionKind, now: number, limit: number): Promise<readonly DueDelivery[]>;
  /** Delays pending deliveries without using up an attempt. */
  postpone(later: readonly { readonly id: string; readonly until: number }[]): Promise<void>;
  /**
   * Starts an attempt at each delivery that is still pending, unless another of its key is running or an older one of its key
   * is pending. Returns those that were started.
   */
  claim(ids: readonly string[], now: number): Promise<readonly ClaimedDelivery[]>;
  /** Stores a note with a running attempt, for the attempt after a crash. */
  note(attempt: number, note: Note): Promise<void>;
  /** Ends an attempt and sets the delivery's status with it. Idempotent: an attempt that has ended is left as it is. */
  settle(settlement: Settlement): Promise<void>;
  /**
   * To be called at a start: ends attempts that a crash left running as unclear, except those of other processes that are
   * alive. Their deliveries keep their due time, and so come before newer ones. Returns how many deliveries those are.
   */
  recoverRunning(now: number): Promise<number>;
  /**
   * Does the same for processes on this store that have died since, and releases the webhooks they had claimed for routing.
   * Returns how many deliveries were recovered: always none where one process works alone.
   */
  recoverLost(now: number): Promise<number>;
  /**
   * The earliest due time of the deliveries that due() could return. undefined if nothing is pending, or everything pending
   * waits for a running delivery of its key.
   */
  nextDue(kind: ActionKind): Promise<number | undefined>;
  /** Records that a channel is paused as a whole; undefined lifts the pause. */
  setPause(kind: ActionKind, pause: Pause | undefined): Promise<void>;
  /** The current pause; undefined also after a retry has lifted it. */
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
        /** Its child deliveries: planned in the same commit, for the same webhook, due at once. Known ids are left alone. */
        readonly planned?: readonly PlannedDelivery[];
      }
    | {
        /** `superseded` goes only with the verdict `obsolete`. */
        readonly status: 'pending' | 'dead' | 'superseded';
        readonly verdict: Verdict | 'stopped';
        readonly code: string;
        readonly message: string;
        /** Whether the provider may have accepted it all the same: the next attempt then has to look before it acts. */
        readonly unclear: boolean;
        readonly dueAt: number;
        /** Whether the attempt counts towards the number after which the delivery is given up. */
        readonly counts: boolean;
      };
};

/** The port of query/ and the command line. */
export type QueryStore = {
  /**
   * Resources that match all words and filters. Words match parts of words and ignore case and accents. A word too short to
   * search for (a single letter) is ignored beside other words or filters, and alone finds nothing.
   */
  search(query: SearchQuery, page: Page): Promise<readonly Resource[]>;
  /** Everything known about the resource, webhook or delivery of this id, oldest webhook first; empty if there is none. */
  story(id: string): Promise<Story>;
  /**
   * Deliveries that are dead, and pending ones that have been attempted before; newest first. For the next page, `before` is
   * the id of this one's last delivery: however many were retried or performed meanwhile, none is skipped.
   */
  failed(limit: number, before?: string): Promise<readonly StoryDelivery[]>;
  /** The up to `limit` deliveries that died last, of those whose last attempt ended after `after`; in no particular order. */
  died(after: number, limit: number): Promise<readonly StoryDelivery[]>;
  /** Deliveries, newest first. */
  deliveries(page: Page): Promise<readonly StoryDelivery[]>;
  /** The deliveries that were combined into this summary, in the order they were planned; empty if there is no such summary. */
  together(id: string, page: Page): Promise<readonly StoryDelivery[]>;
  status(): Promise<StoreStatus>;
};

export type Page = { readonly limit: number; readonly offset: number };

/** What people do to deliveries. Each call also records who did it and when, in the same commit. */
export type ActStore = {
  /**
   * Retries deliveries of a resource, webhook or delivery, children included: dead ones, those that wait, and those that only
   * the pause of their channel holds back. They become due now, with their count of tries reset. Lifts the pauses of their
   * channels, and for mails the refusals of their addresses. Returns their ids.
   */
  retry(id: string, now: number, by: Actor): Promise<readonly string[]>;
  /**
   * Plans deliveries anew for a webhook that has been routed. In all other outcomes nothing is written:
   * - `repeated`: a rerun with this `token` was made before.
   * - `conflict`: meanwhile one of the deliveries was planned, or one of `insteadOf` was retried. Look and decide anew.
   * - `unknown`: there is no such webhook, or it has not been routed.
   */
  rerun(run: Rerun): Promise<'planned' | 'repeated' | 'conflict' | 'unknown'>;
  /** Records what was done outside the store, in the team's document. */
  recordAct(act: Act): Promise<void>;
  /** What was done, newest first; with a subject, only what was done to that. */
  acts(page: Page, subject?: string): Promise<readonly Act[]>;
};

export type Rerun = {
  readonly webhookId: string;
  /** The same for each repetition of one click, which makes the rerun idempotent. */
  readonly token: string;
  /** Due at once; empty if everything was deselected. */
  readonly deliveries: readonly PlannedDelivery[];
  /**
   * Ids of the webhook's dead deliveries that these replace. They end as superseded, so that a later retry does not repeat
   * what the rerun has delivered. So do the dead children of earlier deliveries with the same rule and destination.
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
  /** Pending and running deliveries by kind, in no particular order, without kinds that have none. */
  readonly open: readonly OpenDeliveries[];
  /** When the oldest open work was received or falls due; null if nothing is open. */
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
