import { isCancelled } from '../../core/cancelled.ts';
import type { ClaimedDelivery, PlannedEmail } from '../../core/delivery.ts';
import type { ResourceKey } from '../../core/resource.ts';
import { EVERYONE_REGISTERED } from '../../core/rule.ts';

type OfDelivery = Pick<ClaimedDelivery, 'action' | 'registration'>;

/** Whether a mail is to those registered for an event: the parent to everyone, or a child to one of them. */
export const isToRegistered = ({ to, registration }: Pick<PlannedEmail, 'to' | 'registration'>): boolean =>
  registration !== undefined || to === EVERYONE_REGISTERED;

/** The registration that a mail about an event goes to, in its newest known state; undefined for other mails. */
export const registrationOf = ({ action, registration: newest }: OfDelivery): ClaimedDelivery['registration'] => {
  const planned = action.kind === 'email' ? action.email.registration : undefined;
  if (!planned) return undefined;
  const { id, data, version = 0 } = planned;
  // The planned data includes all webhooks up to its version, and what WebKasa's API knew besides.
  if (newest && newest.version > version) return newest;
  return { id, data, version, status: typeof data.status === 'string' ? data.status : null, lastType: '' };
};

/** Whether it was cancelled since the mail was planned. */
export const cancelledSince = ({ action, registration: newest }: OfDelivery): boolean => {
  const planned = action.kind === 'email' ? action.email.registration : undefined;
  return (
    planned !== undefined && newest !== undefined && newest.version > (planned.version ?? 0) && isCancelled(newest)
  );
};

/** What a mail is about for its reader: their registration, else the webhook's resource. */
export const resourceForReader = (delivery: OfDelivery, resource: ResourceKey | undefined): ResourceKey | undefined => {
  const registration = registrationOf(delivery);
  return registration ? { kind: 'registration', id: registration.id } : resource;
};
