import type { Alert, Trouble } from '../../core/alert.ts';

/** A trouble that goes on. */
export type Lasting = {
  readonly trouble: Trouble;
  /** When it was last seen, in Unix milliseconds; updated once a minute. */
  readonly seenAt: number;
  /**
   * For troubles that only some processes can see: when each of those last saw it. Absent for troubles that all processes see
   * alike.
   */
  readonly seenBy?: Readonly<Record<string, number>>;
};

/** The state of alerts, kept in the store so that it survives restarts and is shared by all processes. */
export type AlertState = {
  readonly lasting: readonly Lasting[];
  /** The alerts that each medium still has to be sent, oldest first. */
  readonly owed: Readonly<Record<string, readonly Alert[]>>;
  readonly dead: {
    /** Deaths up to then were reported; of those in the ten minutes before, the ones named in `told`. */
    readonly until: number;
    readonly told: readonly string[];
    readonly toldAt: number;
  };
  readonly savedAt: number;
};

export const emptyState = (now: number): AlertState => ({
  lasting: [],
  owed: {},
  dead: { until: now, told: [], toldAt: 0 },
  savedAt: 0,
});

/** What a process sees in one check. */
export type Seen = {
  readonly now: number;
  /** The name of the process. */
  readonly me: string;
  /** Troubles that every process sees alike. */
  readonly shared: readonly Trouble[];
  /** Troubles that only this process can see. */
  readonly own: readonly Trouble[];
  /** Whether a shared trouble that is no longer seen is over: a restart may only have cleared a pause. */
  readonly isOver: (lasting: Lasting) => boolean;
};

/** Milliseconds after which `seenAt` is updated, and after which a process that no longer updates it counts as gone. */
const REFRESH = 60_000;
const FORGET = 5 * 60_000;

/** Combines known troubles with one more check: which go on, and what to alert. Returns `before` itself if nothing changed. */
export const observe = (
  before: readonly Lasting[],
  seen: Seen,
): { readonly lasting: readonly Lasting[]; readonly alerts: readonly Alert[] } => {
  const alerts: Alert[] = [];
  const lasting: Lasting[] = [];
  const known = new Set(before.map(({ trouble }) => trouble.key));
  for (const each of before) {
    const after = each.seenBy ? afterOwn(each, each.seenBy, seen) : afterShared(each, seen);
    if (after) lasting.push(after);
    else alerts.push({ as: 'over', trouble: each.trouble, at: seen.now });
  }
  const begun = (trouble: Trouble, seenBy?: Lasting['seenBy']): void => {
    if (known.has(trouble.key)) return;
    known.add(trouble.key);
    lasting.push({ trouble, seenAt: seen.now, ...(seenBy && { seenBy }) });
    alerts.push({ as: 'begun', trouble });
  };
  for (const trouble of seen.shared) begun(trouble);
  for (const trouble of seen.own) begun(trouble, { [seen.me]: seen.now });
  const same = lasting.length === before.length && lasting.every((each, index) => each === before[index]);
  return { lasting: same ? before : lasting, alerts };
};

const afterShared = (each: Lasting, { now, shared, isOver }: Seen): Lasting | undefined => {
  if (!shared.some(({ key }) => key === each.trouble.key)) return isOver(each) ? undefined : each;
  return Math.abs(now - each.seenAt) < REFRESH ? each : { ...each, seenAt: now };
};

const afterOwn = (each: Lasting, seenBy: Readonly<Record<string, number>>, seen: Seen): Lasting | undefined => {
  const { now, me, own } = seen;
  const mine = own.some(({ key }) => key === each.trouble.key);
  const fresh = Object.entries(seenBy).filter(([who, at]) => who !== me && Math.abs(now - at) < FORGET);
  const noted = seenBy[me];
  const kept = noted !== undefined && Math.abs(now - noted) < REFRESH ? noted : now;
  const all = Object.fromEntries(mine ? [...fresh, [me, kept]] : fresh);
  if (Object.keys(all).length === 0) return undefined;
  const same = Object.keys(all).length === Object.keys(seenBy).length && all[me] === noted;
  return same ? each : { ...each, seenAt: now, seenBy: all };
};

/** The most alerts that are kept for a medium that keeps failing. */
const MOST_OWED = 50;
/** How many dead deliveries an alert names; it counts all of them. */
export const MOST_NAMED = 5;

/**
 * Adds an alert to those that a medium is owed. Of one trouble only the newest is kept: if it ends before its beginning could
 * be sent, only its end is sent, which says how long it lasted. Deaths are merged into one alert.
 */
export const owe = (owed: readonly Alert[], alert: Alert): readonly Alert[] => {
  if (alert.as !== 'dead') {
    const others = owed.filter((each) => each.as === 'dead' || each.trouble.key !== alert.trouble.key);
    return [...others, alert].slice(-MOST_OWED);
  }
  const index = owed.findIndex(({ as }) => as === 'dead');
  const waiting = owed[index];
  if (waiting?.as !== 'dead') return [...owed, alert].slice(-MOST_OWED);
  const deliveries = [...waiting.deliveries, ...alert.deliveries].slice(0, MOST_NAMED);
  return owed.with(index, { ...alert, count: waiting.count + alert.count, deliveries });
};
