import { hash } from 'node:crypto';
import type { Resource } from '../core/resource.ts';
import type { SearchQuery } from '../core/search-query.ts';

/*
 * The derived values that stores keep in columns of their own to find and count resources by.
 */

/** Statuses, kinds and types are short. Longer ones are hashed, since an index limits the size of its entries. */
const LONGEST = 100;

const bounded = (value: string): string => (value.length <= LONGEST ? value : hash('sha256', value));

/** Normalizes a status, kind or type, so that it is found however it is written. */
const anyCase = (value: string): string => bounded(value.trim().toUpperCase());

export const keysOf = ({ status, kind, lastType }: Resource) => ({
  status: status === null ? null : anyCase(status),
  kind: anyCase(kind),
  type: anyCase(lastType),
});

/** The keys that a search asks for, in the form of keysOf(); undefined where any will do. */
export const keysAskedBy = ({ status, schedule, type }: SearchQuery) => ({
  status: status === undefined ? undefined : anyCase(status),
  schedule,
  ...typeAskedBy(type),
});

/** `booking` and `booking.*` ask for a kind, `booking.cancelled` for a type of the newest webhook. */
const typeAskedBy = (asked: string | undefined): { readonly kind?: string; readonly type?: string } => {
  if (asked === undefined) return {};
  const type = asked.trim().toUpperCase();
  const kind = type.endsWith('.*') ? type.slice(0, -2) : type;
  return kind.includes('.')
    ? { kind: anyCase(kind.split('.')[0] ?? kind), type: anyCase(kind) }
    : { kind: anyCase(kind) };
};

const GONE = ['CANCELLED', 'CANCELED', 'DECLINED', 'REJECTED', 'REGISTRATION.CANCELLED'];

/** Whether a registration is cancelled or declined: by its status or, without one, by the type of its newest webhook. */
export const isGone = ({ status, lastType }: Resource): boolean => GONE.includes((status ?? lastType).toUpperCase());

/** How many guests a registration brings: as its data says if that is a sane number, otherwise none. */
export const guestsOf = ({ data }: Resource): number => {
  const count = data.guest_count;
  return typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= 10_000 ? count : 0;
};
