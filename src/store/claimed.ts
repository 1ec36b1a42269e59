import { asOne, type Change } from '../core/changes.ts';
import type { ClaimedDelivery } from '../core/delivery.ts';
import { eventData } from '../core/event-of.ts';
import { startOf } from '../core/resource.ts';
import type { ActionKind } from '../core/rule.ts';
import { dataOf, parseWebhook, type Webhook } from '../core/webhook.ts';

/*
 * From a row of any store to what a channel is handed.
 */

/** A claimed delivery as a database has it, its JSON not parsed yet. */
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
  /** Of a mail, the changes before it of which its reader was not told, newest first. */
  readonly untold: readonly UntoldRow[];
  readonly event: string | null;
  /** Of its newest webhook; null only where there is no event. */
  readonly eventType: string | null;
  readonly latestStatus: string | null;
  readonly latestStart: number | null;
  /** null, as the two after it, only where the webhook names no resource. */
  readonly latestType: string | null;
  readonly latestVersion: number | null;
  readonly latestData: string | null;
  /** null, as those after it, where the mail goes to no registration, or to one that the store does not know. */
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
  /** null where none of those kept a note. */
  readonly unclearUntil: number | null;
  readonly note: string | null;
};

/** What a webhook changed, as JSON. */
export type UntoldRow = { readonly movedFrom: string | null; readonly changedFrom: string | null };

/** A claimed delivery for its channel. */
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
    // Parsed when it is first asked for: of a megabyte of JSON many can wait at once as bytes, not as objects, and one
    // that is damaged fails its own delivery alone.
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

/** With what its reader was not told before; but for what is over, which no time is news of any more. */
const changeOf = (row: ClaimedRow): Change => {
  const own = changeIn(row);
  const parsed = row.untold.length > 0 ? parseWebhook(row.body) : undefined;
  if (!parsed || 'problem' in parsed || /\.(?:cancelled|completed)$/.test(parsed.webhook.type)) return own;
  const data = dataOf(parsed.webhook);
  return asOne([own, ...row.untold.map(changeIn)], { start: startOf(data), data });
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
