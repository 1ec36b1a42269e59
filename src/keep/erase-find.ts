import { parseWebhook } from '../core/webhook.ts';
import {
  columnsOf,
  type KeepingStore,
  type Kept,
  type KeptRow,
  type KeptTable,
  keyOf,
} from '../store/keeping-ports.ts';
import { type Person, wordsOf } from './person.ts';

export type Reading = Pick<KeepingStore, 'rowsHolding' | 'rowsWith' | 'rows'>;

/** What a store keeps of a person. */
export type Found = {
  /** Webhooks about the person, and those about others that name them. */
  readonly own: ReadonlyMap<Kept, KeptRow>;
  readonly others: readonly KeptRow[];
  readonly resources: ReadonlyMap<Kept, KeptRow>;
  readonly otherResources: readonly KeptRow[];
  /** By what they are found in sheets, cards and acts: ids of their bookings and registrations, webhooks, deliveries. */
  readonly ids: ReadonlySet<string>;
  /** `booking:bk_1` of each, and `event:evt_1` of what they registered for. */
  readonly subjects: ReadonlySet<string>;
  readonly deliveries: readonly KeptRow[];
  /** Their names, phone numbers and answers. */
  readonly words: readonly string[];
};

const PAGE = 200;

export const textOf = (value: Kept | undefined): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value ?? '');

/** A page of rows after another, to the end. */
export async function* everyRow(
  table: KeptTable,
  read: (after: Kept | undefined, limit: number) => Promise<readonly KeptRow[]>,
): AsyncGenerator<KeptRow> {
  let after: Kept | undefined;
  for (;;) {
    const rows = await read(after, PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = keyOf(table, last);
  }
}

/** The columns of a row that name the person. */
export const namedIn = (table: KeptTable, row: KeptRow, person: Person): string[] =>
  columnsOf(table)
    .filter(([name, type]) => type !== 'integer' && type !== 'flag' && person.isIn(textOf(row[name])))
    .map(([name]) => name);

/** The rows of a table that name the person. */
export const rowsNaming = async (store: Reading, table: KeptTable, person: Person): Promise<KeptRow[]> => {
  const found: KeptRow[] = [];
  const read = (after: Kept | undefined, limit: number) => store.rowsHolding(table, person.spellings, after, limit);
  for await (const row of everyRow(table, read)) if (namedIn(table, row, person).length > 0) found.push(row);
  return found;
};

export const dataOfBody = (row: KeptRow): Readonly<Record<string, unknown>> => {
  const { body } = row;
  const parsed = body instanceof Uint8Array ? parseWebhook(body) : undefined;
  const data = parsed && 'webhook' in parsed ? parsed.webhook.data : undefined;
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
};

/** Whether a value is the person's address and nothing else, but for spaces and case. */
const isTheirs = (value: unknown, person: Person): boolean =>
  typeof value === 'string' && value.trim().toLowerCase() === person.address;

/** Looks through the whole store once. */
export const findPerson = async (store: Reading, person: Person): Promise<Found> => {
  const naming = await rowsNaming(store, 'webhook', person);
  const own = new Map<Kept, KeptRow>();
  for (const row of naming) if (isTheirs(dataOfBody(row).attendee_email, person)) own.set(row.seq ?? null, row);

  const known = await rowsNaming(store, 'resource', person);
  const resources = new Map(
    known.filter(({ attendee_email: address }) => isTheirs(address, person)).map((row) => [row.seq ?? null, row]),
  );
  const routedTo = (await store.rowsWith('routing', 'webhook', [...own.keys()])).flatMap(
    ({ resource }) => resource ?? [],
  );
  for (const row of await store.rowsWith('resource', 'seq', [...new Set(routedTo)])) {
    // A booking that was handed on to somebody else is theirs now.
    if (row.attendee_email === null) resources.set(row.seq ?? null, row);
  }
  // What was told of it without the address, as a cancellation without data.
  const aboutIt = (await store.rowsWith('routing', 'resource', [...resources.keys()])).map(
    ({ webhook }) => webhook ?? null,
  );
  for (const row of await store.rowsWith(
    'webhook',
    'seq',
    aboutIt.filter((seq) => !own.has(seq)),
  )) {
    const { attendee_email: address } = dataOfBody(row);
    if (address === undefined || address === null || isTheirs(address, person)) own.set(row.seq ?? null, row);
  }

  const deliveries = await deliveriesOf(store, person, own);
  const all = [...own.values()];
  const registeredFor = [...resources.values()].flatMap(({ event_id: event }) => (event ? [`event:${event}`] : []));
  return {
    own,
    others: naming.filter(({ seq }) => !own.has(seq ?? null)),
    resources,
    otherResources: known.filter(({ seq }) => !resources.has(seq ?? null)),
    ids: new Set([...resources.values(), ...all, ...deliveries].map(({ id }) => String(id))),
    subjects: new Set([...[...resources.values()].map(({ kind, id }) => `${kind}:${id}`), ...registeredFor]),
    deliveries,
    words: [
      ...new Set([...all.map(dataOfBody), ...[...resources.values()].map(({ data }) => parsed(data))].flatMap(wordsOf)),
    ].sort((a, b) => b.length - a.length),
  };
};

/** Those of the person's webhooks, and the mails to them that came of others, as to everyone registered for an event. */
const deliveriesOf = async (store: Reading, person: Person, own: ReadonlyMap<Kept, KeptRow>): Promise<KeptRow[]> => {
  const theirs = await store.rowsWith('delivery', 'webhook', [...own.keys()]);
  const naming = (await rowsNaming(store, 'delivery', person)).filter(({ webhook }) => !own.has(webhook ?? null));
  return [...theirs, ...naming.filter((row) => row.kind === 'email' && isMailTo(parsed(row.action), person))];
};

const isMailTo = (action: unknown, person: Person): boolean => {
  const { email } = (action ?? {}) as {
    email?: { to?: unknown; registration?: { data?: { attendee_email?: unknown } } };
  };
  return isTheirs(email?.to, person) || isTheirs(email?.registration?.data?.attendee_email, person);
};

/** JSON of a column; what is none, and nothing, is empty. */
export const parsed = (text: Kept | undefined): unknown => {
  try {
    return JSON.parse(textOf(text)) as unknown;
  } catch {
    return {};
  }
};
