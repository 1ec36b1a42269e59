import { recipientOf } from '../core/recipient.ts';
import type { ActionKind } from '../core/rule.ts';
import type { QueryStore, StoreStatus, StoryDelivery } from '../store/ports.ts';
import { type RejectedRequests, recentRejections } from './rejections.ts';

/** What did not reach anybody, by cause. */
export type FailedAnswer = {
  readonly pauses: readonly {
    readonly kind: ActionKind;
    readonly since: Date;
    readonly until: Date;
    readonly code: string;
    readonly message: string;
  }[];
  /** All dead deliveries, also those beyond the ones looked at. */
  readonly dead: number;
  readonly waiting: number;
  /** Dead ones first, then by number. */
  readonly causes: readonly Cause[];
  /** Whether there are more than were looked at. */
  readonly more: boolean;
  readonly rejections: readonly RejectedRequests[];
};

/** Deliveries that failed in the same way. */
export type Cause = {
  readonly state: 'dead' | 'waiting';
  readonly kind: ActionKind;
  readonly code: string;
  /** Of the newest of them. */
  readonly message: string;
  readonly count: number;
  /** Newest first. */
  readonly deliveries: readonly { readonly id: string; readonly to: string; readonly resource: string | null }[];
  /** For waiting: the earliest next try. */
  readonly nextTryAt: Date | null;
};

const MOST = 1_000;

/** Groups what is dead and what waits after a failed try; with the channels that are paused and requests refused lately. */
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
