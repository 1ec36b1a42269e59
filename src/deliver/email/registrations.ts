import { isCancelled } from '../../core/cancelled.ts';
import type { Resource } from '../../core/resource.ts';
import type { MailStore } from '../../store/ports.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A registration, merged from the store and WebKasa's API. */
export type Registered = {
  readonly id: string;
  readonly data: Fields;
  readonly cancelled: boolean;
  /** The version of its newest state by webhooks; undefined where only the API knows it. */
  readonly version: number | undefined;
};

const PAGE = 250;

/** All registrations of an event that the store knows from webhooks. */
export const knownRegistrations = async (
  store: Pick<MailStore, 'registered'>,
  eventId: string,
): Promise<Resource[]> => {
  const all: Resource[] = [];
  for (;;) {
    const page = await store.registered(eventId, all.at(-1)?.id ?? '', PAGE);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
};

/** In milliseconds: the API's list may be cached for a minute, and so be older than a webhook that has just come. */
const FRESH = 2 * 60_000;

/**
 * Each registration once, in the order of ids, including those known only from webhooks or only to WebKasa's API. Where both
 * know one, the API takes precedence, since it tells the current state; except over a cancellation that has just come.
 */
export const mergeRegistrations = (
  known: readonly Resource[],
  listed: readonly Fields[],
  now: number,
): Registered[] => {
  const all = new Map<string, Registered>();
  for (const resource of known) {
    const { id, data, version } = resource;
    all.set(id, { id, data, version, cancelled: isCancelled(resource) });
  }
  for (const row of listed) {
    if (typeof row.id !== 'string' || row.id === '') continue;
    const before = all.get(row.id);
    const data = before ? { ...before.data, ...filledIn(row) } : row;
    const cancelled =
      before?.cancelled && (isFresh(before, now) || typeof row.status !== 'string')
        ? true
        : isCancelled({ status: typeof row.status === 'string' ? row.status : null, lastType: '' });
    all.set(row.id, { id: row.id, data, version: before?.version, cancelled });
  }
  return [...all.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
};

/** The fields that an API row has a value for; the others stay as they were known. */
const filledIn = (row: Fields): Fields =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined && value !== ''));

/** A version contains its time, see versionOf. */
const isFresh = ({ version = 0 }: Registered, now: number): boolean => Math.trunc(version / 10) > now - FRESH;
