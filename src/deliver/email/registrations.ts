import { isCancelled } from '../../core/cancelled.ts';
import type { Resource } from '../../core/resource.ts';
import type { MailStore } from '../../store/ports.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A registration, by all that is known of it. */
export type Registered = {
  readonly id: string;
  readonly data: Fields;
  readonly cancelled: boolean;
  /** Of its newest state by webhooks; undefined where none told of it. */
  readonly version: number | undefined;
};

const PAGE = 250;

/** All registrations of an event that webhooks told of. */
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

/** The API's list may be a minute old, and so behind a webhook of now. */
const FRESH = 2 * 60_000;

/**
 * Each registration once, in the order of their ids: those only webhooks told of and those only WebKasa's API knows count
 * too. Where both know one, the API's word goes first, as it is of now; but for a cancellation of this very moment.
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
    const data = before ? { ...before.data, ...said(row) } : row;
    const cancelled =
      before?.cancelled && (isFresh(before, now) || typeof row.status !== 'string')
        ? true
        : isCancelled({ status: typeof row.status === 'string' ? row.status : null, lastType: '' });
    all.set(row.id, { id: row.id, data, version: before?.version, cancelled });
  }
  return [...all.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
};

/** What a row leaves open is left as it was known. */
const said = (row: Fields): Fields =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined && value !== ''));

/** A version holds when it was, see versionOf. */
const isFresh = ({ version = 0 }: Registered, now: number): boolean => Math.trunc(version / 10) > now - FRESH;
