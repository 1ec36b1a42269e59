import { recipientOf } from '../core/recipient.ts';
import type { ActionKind } from '../core/rule.ts';
import type { QueryStore, StoreStatus, StoryDelivery } from '../store/ports.ts';
import { type RejectedRequests, recentRejections } from './rejections.ts';

/** What could not be delivered, grouped by cause. */
export type FailedAnswer = {
  readonly pauses: readonly {
    readonly kind: ActionKind;
    readonly since: Date;
    readonly until: Date;
    readonly code: string;
    readonly message: string;
  }[];
  /** The number of all dead deliveries, also of those beyond the newest thousand. */
  readonly dead: number;
  /** How many of the newest thousand wait for another attempt. */
  readonly waiting: number;
  /** Dead ones first, then the most frequent first. */
  readonly causes: readonly Cause[];
  /** Whether more than the newest thousand failed; the causes cover only those. */
  readonly more: boolean;
  readonly rejections: readonly RejectedRequests[];
};

/** Deliveries that failed in the same way. */
export type Cause = {
  readonly state: 'dead' | 'waiting';
  readonly kind: ActionKind;
  readonly code: string;
  /** The message of the newest of them. */
  readonly message: string;
  readonly count: number;
  /** Newest first. */
  readonly deliveries: readonly { readonly id: string; readonly to: string; readonly resource: string | null }[];
  /** If waiting, when the first of them is attempted next. */
  readonly nextTryAt: Date | null;
};

const MOST = 1_000;

/** Groups dead deliveries and those waiting after a failed attempt; adds the paused channels and recently refused requests. */
export const failed = async (store: Pick<QueryStore, 'failed' | 'status'>, now: number): Promise<FailedAnswer> => {
  const found = await store.failed(MOST);
  const status = await store.status();
  const groups = Map.groupBy(found, (delivery) => [delivery.status, delivery.kind, last(delivery).code].join(' '));
  return {
    pauses: status.pauses.map(({ since, until, ...pause }) => ({
      ...pause,
      since: new Date(since),
      until: new Date(until),
    })),
    dead: status.deliveries.dead,
    waiting: found.filter((delivery) => delivery.status === 'pending').length,
    causes: [...groups.values()].flatMap((group) => toCause(group, status.pauses)).sort(worstFirst),
    more: found.length === MOST,
    rejections: recentRejections(status, now),
  };
};

const last = (delivery: StoryDelivery): { code: string; message: string } => {
  const attempt = delivery.attempts.at(-1);
  return { code: attempt?.code ?? attempt?.outcome ?? 'unknown', message: attempt?.message ?? '' };
};

const toCause = (group: readonly StoryDelivery[], pauses: StoreStatus['pauses']): Cause[] => {
  const [newest] = group;
  if (!newest) return [];
  const dead = newest.status === 'dead';
  const pausedUntil = pauses.find(({ kind }) => kind === newest.kind)?.until ?? 0;
  return [
    {
      state: dead ? 'dead' : 'waiting',
      kind: newest.kind,
      ...last(newest),
      count: group.length,
      deliveries: group.map(({ id, destination, resource }) => ({
        id,
        to: recipientOf(destination),
        resource: resource?.id ?? null,
      })),
      nextTryAt: dead ? null : new Date(Math.max(pausedUntil, Math.min(...group.map(({ dueAt }) => dueAt)))),
    },
  ];
};

const worstFirst = (one: Cause, other: Cause): number =>
  one.state === other.state ? other.count - one.count : one.state === 'dead' ? -1 : 1;
