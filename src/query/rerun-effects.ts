import { hash } from 'node:crypto';
import type { PlannedDelivery } from '../core/delivery.ts';
import { firstIdOf } from '../core/delivery-id.ts';
import { DeliveryError } from '../core/errors.ts';
import { recipientOf } from '../core/recipient.ts';
import { EVERYONE_REGISTERED } from '../core/rule.ts';
import { isAttendeeAddress } from '../core/webhook.ts';
import type { StoryDelivery } from '../store/ports.ts';
import type { Effect } from './rerun.ts';
import {
  differingCells,
  historiesOf,
  isUnderWay,
  lastTold,
  reached,
  tellsSame,
  toldAt,
  wasTold,
} from './rerun-history.ts';
import type { RerunTarget } from './rerun-target.ts';

/** A fingerprint of the content that a delivery would send, or the error where it can't be rendered. */
export type Fingerprint = string | DeliveryError;

export type Seen = { readonly delivery: PlannedDelivery; readonly fingerprint: Fingerprint };

export type Step = {
  readonly delivery: PlannedDelivery;
  readonly effect: Effect;
  /** Ids of dead deliveries that it replaces. */
  readonly insteadOf: readonly string[];
};

/** What each planned delivery would do, given what was delivered before. */
export const stepsOf = (planned: readonly Seen[], target: RerunTarget): Step[] => {
  const histories = historiesOf(planned, target.stored.deliveries);
  return planned.map(({ delivery, fingerprint }) => {
    const history = histories.get(delivery.id) ?? [];
    const last = lastTold(history);
    const toAttendee = goesToAttendee(delivery, target);
    const verdict = judge({ delivery, fingerprint, history, last, target });
    const { does, why, chosen } = verdict;
    const got = last && reached(last, history);
    return {
      delivery,
      effect: {
        id: effectId(delivery, history, target, verdict),
        rule: delivery.rule,
        kind: delivery.kind,
        to: recipientOf(delivery.destination),
        does,
        why,
        toldAt: last ? new Date(toldAt(last)) : null,
        chosen: chosen && !toAttendee,
        toAttendee,
        ...(got !== undefined && { gotBefore: got }),
      },
      insteadOf: history.filter(({ status }) => status === 'dead').map(({ id }) => id),
    };
  });
};

/** Derived from all that the description of an effect rests on, so that a choice is void once the description is outdated. */
const effectId = (
  delivery: PlannedDelivery,
  history: readonly StoryDelivery[],
  { newer }: RerunTarget,
  { does, why }: Verdict,
): string => {
  const since = newer.flatMap(({ deliveries }) => deliveries.filter((other) => reachesThere(other, delivery)));
  const rest = [does, why, ...[history.filter(wasTold), since].map((told) => told.map(({ id }) => id).sort())];
  return `${firstIdOf(delivery.id)}:${hash('sha256', JSON.stringify(rest), 'hex').slice(0, 16)}`;
};

const goesToAttendee = ({ kind, destination }: PlannedDelivery, { routed }: RerunTarget): boolean =>
  kind === 'email' && (destination === TO_EVERYONE || isAttendeeAddress(routed.webhook, recipientOf(destination)));

/** The destination of mails to everyone registered for an event. */
const TO_EVERYONE = `email:${EVERYONE_REGISTERED}`;

type Case = {
  readonly delivery: PlannedDelivery;
  readonly fingerprint: Fingerprint;
  readonly history: readonly StoryDelivery[];
  readonly last: StoryDelivery | undefined;
  readonly target: RerunTarget;
};
type Verdict = Pick<Effect, 'does' | 'why' | 'chosen'>;

const skip = (why: string): Verdict => ({ does: 'skip', why, chosen: false });

const judge = (each: Case): Verdict => {
  const { delivery, fingerprint, history, last, target } = each;
  const underWay = history.find(isUnderWay);
  if (underWay) return skip(openReason(underWay));
  const unsent = history.map(({ children }) => (children ? children.pending + children.running : 0)).find(Boolean);
  if (unsent) return skip(`is under way: ${unsent} of the mails wait`);
  if (fingerprint instanceof DeliveryError) return skip(`can't be told: ${fingerprint.message}`);
  const same = last ? tellsSame(delivery, fingerprint, last) : null;
  // Somebody may want the same mail sent once more; an identical row or post helps nobody.
  if (same === true && delivery.kind === 'sheet') return skip('already written, same cells');
  if (same === true && delivery.kind === 'slack' && last?.together === null) return skip('already sent, same text');
  const newer = target.newer.some((webhook) => webhook.deliveries.some((other) => toldThere(other, delivery)));
  if (styleOf(delivery) === 'card' && newer) return skip('something newer is shown there');
  if (isKeyedRow(delivery) && newer) return skip('something newer stands in its row');
  const does = doing(delivery, target);
  return last ? { does, ...toldBefore(each, last, same, newer) } : { does, ...neverTold(each, newer) };
};

const openReason = ({ status, attempts }: StoryDelivery): string => {
  if (status === 'running') return 'is under way';
  return attempts.length === 0 ? 'waits for its turn' : 'waits for another try; retry brings it forward';
};

const doing = (delivery: PlannedDelivery, { stored, older, newer }: RerunTarget): Effect['does'] => {
  if (delivery.kind === 'email') return 'send';
  if (delivery.kind === 'sheet') return isKeyedRow(delivery) ? 'update' : 'add';
  const isThere = [stored, ...older, ...newer].some(({ deliveries }) =>
    deliveries.some((other) => toldThere(other, delivery) && styleOf(other) === 'card' && other.together === null),
  );
  return styleOf(delivery) === 'card' && isThere ? 'update' : 'send';
};

/** Whether the row is found by its key and updated, instead of appended each time. */
const isKeyedRow = ({ action }: Pick<PlannedDelivery, 'action'>): boolean =>
  action.kind === 'sheet' && action.sheet.key !== undefined;

const styleOf = ({ action }: Pick<PlannedDelivery, 'action'>): string | null =>
  action.kind === 'slack' ? action.slack.as : null;

const toldThere = (other: StoryDelivery, delivery: PlannedDelivery): boolean =>
  wasTold(other) && sameDestination(other, delivery);

/** Delivered there, or about to be: a running attempt can't be called back. */
const reachesThere = (other: StoryDelivery, delivery: PlannedDelivery): boolean =>
  (wasTold(other) || other.status === 'running') && sameDestination(other, delivery);

const sameDestination = (other: StoryDelivery, { kind, destination }: PlannedDelivery): boolean =>
  other.kind === kind && other.destination === destination;

type Told = Omit<Verdict, 'does'>;

/** What was delivered before is preselected only where its content differs; a mail never is. */
const toldBefore = ({ delivery, history }: Case, last: StoryDelivery, same: boolean | null, newer: boolean): Told => {
  if (delivery.kind === 'sheet') return { why: cellsInWords(differingCells(delivery, last)), chosen: true };
  if (styleOf(delivery) === 'card' && last.together === null && same === false) {
    return { why: 'differs from what was sent', chosen: true };
  }
  const since = newer ? `; ${NEWER}` : '';
  if (last.together !== null) return { why: `told in summary ${last.together}${since}`, chosen: false };
  const got = reached(last, history);
  if (delivery.destination === TO_EVERYONE && got === undefined) return { why: 'nobody was registered', chosen: false };
  const to = got === undefined ? '' : ` to ${got} registered`;
  if (same === true) return { why: `already sent${to}, same text${since}`, chosen: false };
  if (same === null) return { why: `sent${to} before, maybe the same text${since}`, chosen: false };
  return { why: `sent${to} before, with another text${since}`, chosen: delivery.kind !== 'email' && !newer };
};

const NEWER = 'a newer one since';

const neverTold = ({ delivery, history }: Case, newer: boolean): Told => {
  const sheet = delivery.kind === 'sheet';
  const never = `never ${sheet ? 'written' : 'sent'}${earlierFailure(history)}`;
  return newer && !sheet ? { why: `${never}; ${NEWER}`, chosen: false } : { why: never, chosen: true };
};

const earlierFailure = (history: readonly StoryDelivery[]): string => {
  const { status, attempts } = history.at(-1) ?? {};
  if (status !== 'dead') return '';
  const code = attempts?.at(-1)?.code;
  return code ? `: it failed for good (${code})` : ': it failed for good';
};

const MOST_NAMED = 5;

const cellsInWords = (names: readonly string[]): string => {
  const named = names.slice(0, MOST_NAMED).join(', ');
  const rest = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `differs in ${names.length} ${names.length === 1 ? 'cell' : 'cells'}: ${named}${rest}`;
};
