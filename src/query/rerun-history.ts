import type { PlannedDelivery } from '../core/delivery.ts';
import { firstIdOf, followedId } from '../core/delivery-id.ts';
import type { StoryDelivery } from '../store/ports.ts';
import type { Fingerprint, Seen } from './rerun-effects.ts';

/** For each planned delivery, by id: what the same rule has delivered, or tried to deliver, to the same recipient. */
export const historiesOf = (
  planned: readonly Seen[],
  known: readonly StoryDelivery[],
): ReadonlyMap<string, readonly StoryDelivery[]> =>
  new Map(
    planned.map((seen) => {
      const alike = known.filter((other) => sameAim(other, seen.delivery));
      const twins = planned.filter((other) => sameAim(other.delivery, seen.delivery));
      return [seen.delivery.id, twins.length > 1 ? historyOfTwin(seen, twins, alike) : alike];
    }),
  );

/** The position of an action in its rule is ignored: adding an action above it must not make it look undelivered. */
const sameAim = (one: StoryDelivery | PlannedDelivery, other: PlannedDelivery): boolean =>
  one.rule === other.rule && one.kind === other.kind && one.destination === other.destination;

/**
 * The history of one of several deliveries of a rule to one recipient: those with the same content, otherwise those of the
 * action at the same position in the rule.
 */
const historyOfTwin = (
  { delivery, fingerprint }: Seen,
  twins: readonly Seen[],
  alike: readonly StoryDelivery[],
): readonly StoryDelivery[] => {
  const own = alike.filter((other) => firstIdOf(other.id) === firstIdOf(delivery.id));
  const same = alike.filter((other) => wasTold(other) && tellsSame(delivery, fingerprint, other) === true);
  if (same.length > 0) return [...same, ...own.filter(isUnderWay)];
  const ofTwins = new Set(twins.map((twin) => firstIdOf(twin.delivery.id)));
  return own.length > 0 ? own : alike.filter((other) => !ofTwins.has(firstIdOf(other.id)));
};

export const wasTold = ({ status }: StoryDelivery): boolean => status === 'done';

export const isUnderWay = ({ status }: StoryDelivery): boolean => status === 'pending' || status === 'running';

/** The delivery that reached its destination last. */
export const lastTold = (history: readonly StoryDelivery[]): StoryDelivery | undefined =>
  history
    .filter(wasTold)
    .reduce<StoryDelivery | undefined>((last, each) => (last && toldAt(last) > toldAt(each) ? last : each), undefined);

/** How many got a mail to everyone registered, by it or by its follow-up; undefined for a delivery without children. */
export const reached = (told: StoryDelivery, history: readonly StoryDelivery[]): number | undefined => {
  const parts = history.filter(({ id }) => followedId(id) === followedId(told.id));
  const counts = parts.flatMap(({ children }) => (children ? [children.done] : []));
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
};

/** When a delivery reached its destination, in Unix milliseconds. */
export const toldAt = ({ attempts }: StoryDelivery): number =>
  attempts.findLast(({ outcome }) => outcome === 'done')?.endedAt ?? 0;

/** Whether a delivery would have the content of an earlier one; null where the earlier one kept no fingerprint. */
export const tellsSame = (delivery: PlannedDelivery, fingerprint: Fingerprint, told: StoryDelivery): boolean | null => {
  if (delivery.kind === 'sheet') return differingCells(delivery, told).length === 0;
  return told.fingerprint === null ? null : fingerprint === told.fingerprint;
};

/** The columns in which two rows differ, in the order of the newer row. */
export const differingCells = (delivery: PlannedDelivery, told: StoryDelivery): string[] => {
  if (delivery.action.kind !== 'sheet' || told.action.kind !== 'sheet') return [];
  const { columns } = delivery.action.sheet;
  const before = told.action.sheet.columns;
  return [...new Set([...Object.keys(columns), ...Object.keys(before)])].filter(
    (name) => columns[name] !== before[name],
  );
};
