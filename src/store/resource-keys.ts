import { hash } from 'node:crypto';
import type { Resource } from '../core/resource.ts';
import type { SearchQuery } from '../core/search-query.ts';

/*
 * What a store that keeps them in columns of their own finds and counts resources by.
 */

/** Statuses, kinds and types are short; whatever else comes must not be too long for an index. */
const LONGEST = 100;

const bounded = (value: string): string => (value.length <= LONGEST ? value : hash('sha256', value));

/** A status, kind or type in the one form in which all ways of writing it are found. */
const anyCase = (value: string): string => bounded(value.trim().toUpperCase());

/** The keys of a resource. */
export const keysOf = ({ status, kind, lastType }: Resource) => ({
  status: status === null ? null : anyCase(status),
  kind: anyCase(kind),
  type: anyCase(lastType),
});

/** The keys that a question asks for, as keysOf() makes them; undefined for any. */
export const keysAskedBy = ({ status, schedule, type }: SearchQuery) => ({
  status: status === undefined ? undefined : anyCase(status),
  schedule,
  ...typeAskedBy(type),
});

/** `booking` and `booking.*` ask for a kind, `booking.cancelled` for the type of the newest webhook. */
const typeAskedBy = (asked: string | undefined): { readonly kind?: string; readonly type?: string } => {
  if (asked === undefined) return {};
  const type = asked.trim().toUpperCase();
  const kind = type.endsWith('.*') ? type.slice(0, -2) : type;
  return kind.includes('.')
    ? { kind: anyCase(kind.split('.')[0] ?? kind), type: anyCase(kind) }
    : { kind: anyCase(kind) };
};

const GONE = ['CANCELLED', 'CANCELED', 'DECLINED', 'REJECTED', 'REGISTRATION.CANCELLED'];

/** Whether a registration is cancelled or declined; without a status, what happened last says so. */
export const isGone = ({ status, lastType }: Resource): boolean => GONE.includes((status ?? lastType).toUpperCase());

/** How many guests a registration brings: what its data says where that is a sane number, else none. */
export const guestsOf = ({ data }: Resource): number => {
  const count = data.guest_count;
  return typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= 10_000 ? count : 0;
};
