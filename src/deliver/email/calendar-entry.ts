import type { ClaimedDelivery, Note, PlannedEmail } from '../../core/delivery.ts';
import { resourceKey } from '../../core/resource.ts';
import type { View } from '../../template/view.ts';
import type { Invite, NoInvite } from './invite.ts';
import type { InviteKeeper } from './invite-keeper.ts';
import { inviteAlternatives } from './invite-part.ts';
import { registrationOf, resourceForReader } from './registered.ts';
import type { MailMessage } from './transport.ts';

/** The kinds of resources that invites are made for. */
const HAVE_ENTRIES = new Set(['booking', 'registration']);

/** The invite that belongs into a mail, or why there is none; undefined where the rule asks for none. */
export const inviteFor = async (
  keeper: InviteKeeper,
  delivery: ClaimedDelivery,
  email: PlannedEmail,
  view: View,
  message: Pick<MailMessage, 'from' | 'to'>,
): Promise<Invite | NoInvite | undefined> => {
  const registration = registrationOf(delivery);
  const resource = resourceForReader(delivery, resourceKey(delivery.webhook));
  if (!email.invite || !resource || !HAVE_ENTRIES.has(resource.kind)) return undefined;
  return keeper.prepare({
    type: delivery.webhook.type,
    resource,
    // The entry is the reader's own registration; the webhook is about its event.
    ...(registration
      ? { data: registration.data, facts: { event: view.data } }
      : { data: view.data, facts: { schedule: view.schedule, event: view.event } }),
    zone: view.zone,
    delivery: delivery.id,
    version: delivery.version,
    latest: registration ? { ...registration, startsAt: null } : delivery.latest,
    organizer: message.from,
    attendee: message.to,
  });
};

/** The same mail with the invite as its last part, the one that mail programs act on. */
export const withInvite = (message: MailMessage, entry: Invite | NoInvite | undefined): MailMessage =>
  entry && 'text' in entry ? { ...message, alternatives: inviteAlternatives(entry) } : message;

/** The invite as a receipt's detail. */
export const entryDetail = (entry: Invite | NoInvite | undefined): Note =>
  entry ? ('none' in entry ? { noInvite: entry.none } : { invite: entry.method }) : {};

/** The invite in the words of `why`: `with a calendar invite: REQUEST, update 2`. */
export const entryWords = (entry: Invite | NoInvite | undefined): string[] => {
  if (!entry) return [];
  if ('none' in entry) return [`no calendar invite: ${entry.none}`];
  const { method, sent } = entry;
  const update = method === 'REQUEST' && sent.sequence > 0 ? `, update ${sent.sequence}` : '';
  return [`with a calendar invite: ${method}${update}`];
};
