import type { Alert, Trouble } from '../../core/alert.ts';

/** A trouble that lasts. */
export type Lasting = {
  readonly trouble: Trouble;
  /** When it was seen last, in Unix milliseconds. */
  readonly seenAt: number;
  /**
   * Of what one process can see and another may not: which of them see it, and when they did last. Absent where all see the
   * same.
   */
  readonly seenBy?: Readonly<Record<string, number>>;
};

/** All that alerts have to remember, in the store: for restarts, and for the other processes. */
export type AlertState = {
  readonly lasting: readonly Lasting[];
  /** What each medium has not been told yet, oldest first. */
  readonly owed: Readonly<Record<string, readonly Alert[]>>;
  readonly dead: {
    /** Deaths until then have been told, but for what `told` leaves out of the minutes before. */
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

/** What a process sees at one look. */
export type Seen = {
  readonly now: number;
  /** Names the process. */
  readonly me: string;
  /** What every process would see. */
  readonly shared: readonly Trouble[];
  /** What only this one sees. */
  readonly own: readonly Trouble[];
  /** Whether a shared trouble that is no longer seen is really over: a pause may only have been forgotten by a restart. */
  readonly isOver: (lasting: Lasting) => boolean;
};

/** What a process sees is noted anew after so long, in milliseconds; and forgotten after so long, since it may have died. */
const REFRESH = 60_000;
const FORGET = 5 * 60_000;

/** What one more look comes to: what lasts, and what is to be told of it. Gives back the same list where nothing changed. */
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

/** A medium that takes nothing for long is owed so much at the most. */
const MOST_OWED = 50;
/** How many dead deliveries an alert names; it counts them all. */
export const MOST_NAMED = 5;

/**
 * Adds an alert to what a medium is owed. Of one trouble only the newest is told: one that ends before its beginning could be
 * told is told as over, with since when it lasted. Deaths not told yet become one alert.
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
