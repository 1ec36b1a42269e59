import { MOST_SKEW } from '../../core/clock-skew.ts';
import {
  type ClaimedDelivery,
  LONGEST_WAIT_FOR_FACTS,
  type PlannedDelivery,
  type PlannedEmail,
} from '../../core/delivery.ts';
import { deliveryId, FOLLOW_UP, followedId } from '../../core/delivery-id.ts';
import { DeliveryError } from '../../core/errors.ts';
import { resourceKey } from '../../core/resource.ts';
import type { MailStore } from '../../store/ports.ts';
import { oneLine } from '../../template/filters.ts';
import { isMailAddress } from './address.ts';
import { knownRegistrations, mergeRegistrations, type Registered } from './registrations.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Lists the registrations of an event by WebKasa's API, not older than `since`, until `deadline` (both Unix milliseconds). The
 * list is complete only where it is `whole`.
 */
export type ListRegistrations = (
  eventId: string,
  deadline: number,
  since: number,
) => Promise<{ readonly registrations: readonly Fields[]; readonly as: 'whole' | 'failed' | 'refused' }>;

export type EveryoneDeps = {
  readonly store: Pick<MailStore, 'registered'>;
  /** Never rejects, and keeps to its deadline. Absent where there is no key for the API. */
  readonly registrations?: ListRegistrations | undefined;
  readonly now: () => number;
};

/** The child deliveries of a mail to everyone registered, and the parent's receipt in words. */
export type Everyone = { readonly planned: readonly PlannedDelivery[]; readonly summary: string };

/**
 * How long one attempt waits for the list, and how long until the next; reading goes on in between. An attempt that waited
 * longer would hold up other mails.
 */
const PATIENCE = 10_000;
const PAUSE = 5_000;
/** A follow-up delivery for those whom only the API knows asks it at growing intervals, for at most this long. */
const LONGEST_PAUSE = 10 * 60_000;
const LONGEST_FOLLOW_UP = 3 * 24 * 3_600_000;
/** The follow-up gives up this long before the event begins, as a dead letter that says so. */
const MARGIN = 60_000;

/**
 * Plans a child delivery for each registration of the event that is not cancelled, by what the store knows and WebKasa's API
 * says. While the API can't be read it rejects with the DeliveryError `facts_missing`, verdict `wait`. Two minutes after the
 * webhook came it plans for those who are known, and adds a follow-up delivery that plans for the others once the API can be
 * read. Ids and keys are derived from the registrations, which makes planning idempotent.
 */
export const everyoneRegistered = async (
  { store, registrations, now }: EveryoneDeps,
  delivery: ClaimedDelivery,
  email: PlannedEmail,
): Promise<Everyone> => {
  const event = resourceKey(delivery.webhook);
  if (event?.kind !== 'event') throw noEvent();
  const listed = await registrations?.(event.id, now() + PATIENCE, delivery.receivedAt);
  const follows = delivery.id.endsWith(FOLLOW_UP);
  if (follows && listed?.as !== 'whole') throw stillFollowing(delivery, now());
  const rest = delivery.receivedAt + LONGEST_WAIT_FOR_FACTS - now();
  // More can be left only where the clock was set back; how long it has waited is unknown then, and it waits no more.
  if (listed?.as === 'failed' && rest > 0 && rest <= LONGEST_WAIT_FOR_FACTS + MOST_SKEW)
    throw wait(Math.min(rest, PAUSE));
  const all = mergeRegistrations(await knownRegistrations(store, event.id), listed?.registrations ?? [], now());
  const coming = all.filter(({ cancelled }) => !cancelled);
  const reached = coming.filter(({ data }) => isMailAddress(addressIn(data)));
  const later = listed?.as === 'failed' && now() < followUpUntil(delivery) ? [followUpOf(delivery, event.id)] : [];
  return {
    planned: [...reached.map((one) => mailTo(one, delivery, email)), ...later],
    summary: summaryOf(
      reached.length,
      { cancelled: all.length - coming.length, unreachable: coming.length - reached.length },
      later.length > 0 ? 'later' : listed?.as,
    ),
  };
};

/** The follow-up, for those whom the parent could not reach. Its key is its own, so that it blocks no other delivery. */
const followUpOf = (first: ClaimedDelivery, eventId: string): PlannedDelivery => ({
  id: `${first.id}${FOLLOW_UP}`,
  webhookId: first.webhook.id,
  rule: first.rule,
  kind: first.kind,
  destination: first.destination,
  key: `event:${eventId}|${first.destination}|later`,
  version: first.version,
  late: first.rerun ? 'deliver' : 'skip',
  action: first.action,
});

const wantedAt = ({ rerun, receivedAt }: ClaimedDelivery): number => rerun?.at ?? receivedAt;

/** Until when a follow-up makes sense: a minute before the event, three days at most. */
const followUpUntil = (delivery: ClaimedDelivery): number =>
  Math.min(wantedAt(delivery) + LONGEST_FOLLOW_UP, (delivery.latest?.startsAt ?? Number.POSITIVE_INFINITY) - MARGIN);

/** Backs off: the longer it has waited, the longer the pause. */
const stillFollowing = (delivery: ClaimedDelivery, now: number): DeliveryError => {
  const rest = followUpUntil(delivery) - now;
  if (rest <= 0) return notAllTold();
  const pause = Math.min(Math.max((now - wantedAt(delivery)) / 4, PAUSE), LONGEST_PAUSE, rest);
  return new DeliveryError(
    'facts_missing',
    "Those known by then have their mails. The others follow once WebKasa's API tells who they are; it is asked again.",
    { verdict: 'wait', retryAfterMs: Math.ceil(pause) },
  );
};

const addressIn = ({ attendee_email }: Fields): string =>
  typeof attendee_email === 'string' ? attendee_email.trim() : '';

const LONGEST_NAME = 200;

const nameIn = ({ attendee_name }: Fields): string =>
  typeof attendee_name === 'string' ? oneLine(attendee_name).slice(0, LONGEST_NAME).toWellFormed() : '';

/** The key is that of the registration's own mails: this one keeps its order among them and joins their conversation. */
const mailTo = (one: Registered, parent: ClaimedDelivery, email: PlannedEmail): PlannedDelivery => {
  const { name: _, cc: __, bcc: ___, ...alike } = email;
  const { id, data, version } = one;
  const to = addressIn(data);
  const name = nameIn(data);
  const destination = `email:${to.toLowerCase()}`;
  return {
    // The same for a follow-up: whoever has the mail by the first one gets no second.
    id: deliveryId([parent.webhook.id, parent.rule, followedId(parent.id), `registration:${id}`]),
    webhookId: parent.webhook.id,
    rule: parent.rule,
    kind: 'email',
    destination,
    key: `registration:${id}|${destination}`,
    version: parent.version,
    // A rerun is sent even if something newer was sent since.
    late: parent.rerun ? 'deliver' : 'skip',
    action: {
      kind: 'email',
      email: {
        ...alike,
        to,
        ...(name && { name }),
        registration: { id, data: slim(data), ...(version !== undefined && { version }) },
      },
    },
  };
};

const MOST_FIELDS = 40;
const LONGEST_TEXT = 2_000;

/** Only what mails use of a registration: an event can have hundreds, each stored with its delivery. */
const slim = (data: Fields): Fields =>
  Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => typeof value !== 'object' || value === null)
      .map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : value])
      .slice(0, MOST_FIELDS),
  );

const summaryOf = (
  reached: number,
  { cancelled, unreachable }: { readonly cancelled: number; readonly unreachable: number },
  asked: 'whole' | 'failed' | 'refused' | 'later' | undefined,
): string => {
  const left = cancelled + unreachable;
  const why = [
    cancelled > 0 && `${cancelled} cancelled`,
    unreachable > 0 && `${unreachable} without a usable address`,
  ].filter(Boolean);
  return [
    reached === 0
      ? 'nobody is registered, as far as is known'
      : `${reached} registered: a mail ${reached === 1 ? 'to them' : 'to each'}`,
    ...(left > 0 ? [`${left} left out: ${why.join(', ')}`] : []),
    ...(asked === 'later' ? ["the others follow once WebKasa's API tells who they are"] : []),
    ...(asked === 'failed'
      ? ["WebKasa's API has not told in time who is registered: whoever only it knows of is missing"]
      : []),
    ...(asked === 'refused'
      ? ["WEBKASA_API_KEY may not read registrations: whoever only WebKasa's API knows of is missing"]
      : []),
  ].join('; ');
};

const wait = (retryAfterMs: number): DeliveryError =>
  new DeliveryError(
    'facts_missing',
    "WebKasa's API has not told yet who is registered. It is asked again; two minutes after the webhook came, the mails go " +
      'to those who are known.',
    { verdict: 'wait', retryAfterMs },
  );

const notAllTold = (): DeliveryError =>
  new DeliveryError(
    'not_all_told',
    "WebKasa's API never gave the whole list of who is registered: whoever registered without a webhook coming here, as " +
      'before the bot was set up, may not have been told. Write to them from WebKasa, or `retry` once the API answers.',
    { verdict: 'permanent' },
  );

const noEvent = (): DeliveryError =>
  new DeliveryError(
    'no_event',
    'The webhook names no event, so nobody is registered for it. Let the rule ask for types of events alone.',
    { verdict: 'permanent' },
  );
