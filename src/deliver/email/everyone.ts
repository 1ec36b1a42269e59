import {
  type ClaimedDelivery,
  LONGEST_WAIT_FOR_FACTS,
  type PlannedDelivery,
  type PlannedEmail,
} from '../../core/delivery.ts';
import { deliveryId } from '../../core/delivery-id.ts';
import { DeliveryError } from '../../core/errors.ts';
import { resourceKey } from '../../core/resource.ts';
import type { MailStore } from '../../store/ports.ts';
import { oneLine } from '../../template/filters.ts';
import { isMailAddress } from './address.ts';
import { knownRegistrations, mergeRegistrations, type Registered } from './registrations.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The registrations of an event as WebKasa's API lists them, read `since` then; all there are only where it is `whole`. */
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

/** What a mail to everyone registered comes to. */
export type Everyone = { readonly planned: readonly PlannedDelivery[]; readonly summary: string };

/** Others wait for the place of a mail that asks; the list goes on being read meanwhile, and is asked for again. */
const PATIENCE = 10_000;
const PAUSE = 5_000;
/** Those known only to the API are told later where it answers later: it is asked less and less often. */
const LONGEST_PAUSE = 10 * 60_000;
const FOLLOWS_FOR = 3 * 24 * 3_600_000;
/** So long before the event begins it is given up, and said to be. */
const MARGIN = 60_000;
/** What the id of one that follows ends in, behind that of the first: the mails of both are the same ones. */
const LATER = '_later';

/**
 * One delivery for each registration of the event that is not cancelled, by what the store knows and WebKasa's API says.
 * Rejects with the DeliveryError `facts_missing`, verdict `wait`, while the API can't be read; two minutes after the
 * webhook came it is those who are known, and one more delivery, which follows for the others once the API can be read.
 * Ids and keys are made of the registration, so doing it twice plans none twice.
 */
export const everyoneRegistered = async (
  { store, registrations, now }: EveryoneDeps,
  delivery: ClaimedDelivery,
  email: PlannedEmail,
): Promise<Everyone> => {
  const event = resourceKey(delivery.webhook);
  if (event?.kind !== 'event') throw noEvent();
  const listed = await registrations?.(event.id, now() + PATIENCE, delivery.receivedAt);
  const follows = delivery.id.endsWith(LATER);
  if (follows && listed?.as !== 'whole') throw notYet(delivery, now());
  const rest = delivery.receivedAt + LONGEST_WAIT_FOR_FACTS - now();
  // More than that is left only where the clock was set back; then it can't be told how long it waits already.
  if (listed?.as === 'failed' && rest > 0 && rest <= LONGEST_WAIT_FOR_FACTS) throw wait(Math.min(rest, PAUSE));
  const all = mergeRegistrations(await knownRegistrations(store, event.id), listed?.registrations ?? [], now());
  const coming = all.filter(({ cancelled }) => !cancelled);
  const reached = coming.filter(({ data }) => isMailAddress(addressIn(data)));
  const later = listed?.as === 'failed' && now() < endOf(delivery) ? [laterOf(delivery, event.id)] : [];
  return {
    planned: [...reached.map((one) => mailTo(one, delivery, email)), ...later],
    summary: summaryOf(
      reached.length,
      { cancelled: all.length - coming.length, unreachable: coming.length - reached.length },
      later.length > 0 ? 'later' : listed?.as,
    ),
  };
};

/** For those whom the first could not tell, with ids made of its own. It waits in a key of its own, and blocks nothing. */
const laterOf = (first: ClaimedDelivery, eventId: string): PlannedDelivery => ({
  id: `${first.id}${LATER}`,
  webhookId: first.webhook.id,
  rule: first.rule,
  kind: first.kind,
  destination: first.destination,
  key: `event:${eventId}|${first.destination}|later`,
  version: first.version,
  late: first.rerun ? 'deliver' : 'skip',
  action: first.action,
});

const firstOf = (id: string): string => (id.endsWith(LATER) ? id.slice(0, -LATER.length) : id);

const wantedAt = ({ rerun, receivedAt }: ClaimedDelivery): number => rerun?.at ?? receivedAt;

/** Until when it makes sense to follow: the event begins, or it is too long ago. */
const endOf = (delivery: ClaimedDelivery): number =>
  Math.min(wantedAt(delivery) + FOLLOWS_FOR, (delivery.latest?.startsAt ?? Number.POSITIVE_INFINITY) - MARGIN);

/** Pauses grow with the time that it waits. */
const notYet = (delivery: ClaimedDelivery, now: number): DeliveryError => {
  const rest = endOf(delivery) - now;
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

/** The key is that of the registration's own mails: they are kept in order with this one, and in one conversation. */
const mailTo = (one: Registered, parent: ClaimedDelivery, email: PlannedEmail): PlannedDelivery => {
  const { name: _, cc: __, bcc: ___, ...alike } = email;
  const { id, data, version } = one;
  const to = addressIn(data);
  const name = nameIn(data);
  const destination = `email:${to.toLowerCase()}`;
  return {
    id: deliveryId([parent.webhook.id, parent.rule, firstOf(parent.id), `registration:${id}`]),
    webhookId: parent.webhook.id,
    rule: parent.rule,
    kind: 'email',
    destination,
    key: `registration:${id}|${destination}`,
    version: parent.version,
    // Whoever had it run again wants it told, also where something newer was told since.
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

/** What mails tell of a registration; hundreds of them are kept with their deliveries. */
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
