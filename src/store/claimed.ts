import type { Change } from '../core/changes.ts';
import type { ClaimedDelivery } from '../core/delivery.ts';
import { eventData } from '../core/event-of.ts';
import type { ActionKind } from '../core/rule.ts';
import { withUntold } from '../core/untold.ts';
import { parseWebhook, type Webhook } from '../core/webhook.ts';

/*
 * Turns the row of a claimed delivery, as any store reads it, into what a channel is given.
 */

/** The row of a claimed delivery, its JSON not yet parsed. */
export type ClaimedRow = {
  readonly id: string;
  readonly rule: string;
  readonly kind: ActionKind;
  readonly destination: string;
  readonly action: string;
  readonly version: number;
  readonly body: Uint8Array;
  readonly receivedAt: number;
  readonly movedFrom: string | null;
  readonly changedFrom: string | null;
  /** Of a mail: the earlier changes that its recipient has not been told of, newest first. */
  readonly untold: readonly UntoldRow[];
  readonly event: string | null;
  /** The type of the event's newest webhook; null only if there is no event. */
  readonly eventType: string | null;
  readonly latestStatus: string | null;
  readonly latestStart: number | null;
  /** null, like the two below, only if the webhook names no resource. */
  readonly latestType: string | null;
  readonly latestVersion: number | null;
  readonly latestData: string | null;
  /** null, like those below, if the mail is not to a registration, or to one that the store does not know. */
  readonly registrationId: string | null;
  readonly registrationStatus: string | null;
  readonly registrationType: string | null;
  readonly registrationVersion: number | null;
  readonly registrationData: string | null;
  readonly rerunBy: string | null;
  readonly rerunAt: number | null;
  readonly tries: number;
  readonly attempt: number;
  readonly unclearSince: number | null;
  /** null if none of the unclear attempts has a note. */
  readonly unclearUntil: number | null;
  readonly note: string | null;
};

/** What a webhook changed, not yet parsed. */
export type UntoldRow = { readonly movedFrom: string | null; readonly changedFrom: string | null };

export const toClaimed = (row: ClaimedRow): ClaimedDelivery => {
  let webhook: Webhook | undefined;
  let latest: ClaimedDelivery['latest'] | undefined;
  const { movedFrom, changedFrom } = changeOf(row);
  const changedBack = row.untold.length > 0 && movedFrom === null && changedFrom === undefined;
  return {
    id: row.id,
    rule: row.rule,
    kind: row.kind,
    destination: row.destination,
    action: JSON.parse(row.action),
    // Parsed on first use: many deliveries wait at once, and a megabyte of JSON is far smaller as bytes than as objects. A
    // body that is damaged then fails its own delivery alone.
    get webhook() {
      webhook ??= storedWebhook(row);
      return webhook;
    },
    receivedAt: row.receivedAt,
    movedFrom,
    get latest() {
      latest ??= latestOf(row);
      return latest;
    },
    ...(changedFrom && { changedFrom }),
    ...(changedBack && { changedBack }),
    ...registrationOf(row),
    event: eventIn(row),
    rerun: row.rerunBy === null || row.rerunAt === null ? null : { by: JSON.parse(row.rerunBy), at: row.rerunAt },
    version: row.version,
    tries: row.tries,
    attempt: row.attempt,
    unclear:
      row.unclearSince === null
        ? null
        : {
            startedAt: row.unclearSince,
            endedAt: row.unclearUntil ?? row.unclearSince,
            note: row.note === null ? null : JSON.parse(row.note),
          },
  };
};

const changeIn = ({ movedFrom, changedFrom }: UntoldRow): Change => ({
  movedFrom,
  changedFrom: changedFrom === null ? undefined : JSON.parse(changedFrom),
});

/** Parses the webhook only if something has to be merged, since its body can be large. */
const changeOf = (row: ClaimedRow): Change => {
  const own = changeIn(row);
  const parsed = row.untold.length > 0 ? parseWebhook(row.body) : undefined;
  return parsed && 'webhook' in parsed ? withUntold(parsed.webhook, own, row.untold.map(changeIn)) : own;
};

const latestOf = (row: ClaimedRow): ClaimedDelivery['latest'] => {
  const { latestStatus: status, latestStart: startsAt, latestType, latestVersion, latestData } = row;
  if (latestType === null || latestVersion === null || latestData === null) return null;
  return { status, startsAt, lastType: latestType, version: latestVersion, data: JSON.parse(latestData) };
};

const eventIn = ({ event, eventType: lastType }: ClaimedRow): ClaimedDelivery['event'] =>
  event === null || lastType === null ? null : eventData({ data: JSON.parse(event), lastType });

const registrationOf = (row: ClaimedRow): Pick<ClaimedDelivery, 'registration'> => {
  const { registrationId: id, registrationStatus: status, registrationType: lastType, registrationVersion } = row;
  if (id === null || lastType === null || registrationVersion === null || row.registrationData === null) return {};
  const data = JSON.parse(row.registrationData);
  return { registration: { id, status, lastType, version: registrationVersion, data } };
};

const storedWebhook = ({ id, body }: ClaimedRow): Webhook => {
  const parsed = parseWebhook(body);
  if ('problem' in parsed) throw new Error(`The stored webhook of ${id} is damaged: ${parsed.problem}`);
  return parsed.webhook;
};
