import { parseWebhook } from '../core/webhook.ts';
import {
  columnsOf,
  type KeepingStore,
  type Kept,
  type KeptRow,
  type KeptTable,
  keyOf,
} from '../store/keeping-ports.ts';
import type { Person } from './person.ts';
import { longestFirst, namesBeside, namesOf, wordsOf } from './words.ts';

export type Reading = Pick<KeepingStore, 'rowsHolding' | 'rowsWith' | 'rows'>;

/** What a store keeps of a person. */
export type Found = {
  /** Webhooks about the person, by row number. */
  readonly own: ReadonlyMap<Kept, KeptRow>;
  /** Their bookings and registrations, by row number. */
  readonly resources: ReadonlyMap<Kept, KeptRow>;
  readonly others: Others;
  /** Ids of their bookings, registrations, webhooks and deliveries, by which sheets, cards and acts refer to them. */
  readonly ids: ReadonlySet<string>;
  /** `booking:bk_1` for each of their resources, and `event:evt_1` for each event they registered for. */
  readonly subjects: ReadonlySet<string>;
  readonly deliveries: readonly KeptRow[];
  /** Their names, phone numbers and answers. */
  readonly words: readonly string[];
  /** The names and phone numbers among those, and any that other people gave beside the person's address. */
  readonly names: readonly string[];
};

/** Rows of other people that may name the person: they hold the address, or belong to a booking that once was the person's. */
export type Others = {
  readonly webhooks: readonly KeptRow[];
  readonly resources: readonly KeptRow[];
  readonly routings: readonly KeptRow[];
  readonly deliveries: readonly KeptRow[];
  readonly ids: ReadonlySet<string>;
  readonly subjects: ReadonlySet<string>;
};

const PAGE = 200;

export const textOf = (value: Kept | undefined): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value ?? '');

/** Every row of a table, read page by page. */
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

const dataOfBody = (row: KeptRow): Readonly<Record<string, unknown>> => {
  const { body } = row;
  const parsed = body instanceof Uint8Array ? parseWebhook(body) : undefined;
  const data = parsed && 'webhook' in parsed ? parsed.webhook.data : undefined;
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
};

/** Searches the whole store for a person. */
export const findPerson = async (store: Reading, person: Person): Promise<Found> => {
  const naming = await rowsNaming(store, 'webhook', person);
  const own = new Map<Kept, KeptRow>();
  for (const row of naming) if (person.isTheirs(dataOfBody(row).attendee_email)) own.set(row.seq ?? null, row);

  const known = await rowsNaming(store, 'resource', person);
  const resources = new Map(
    known.filter(({ attendee_email: address }) => person.isTheirs(address)).map((row) => [row.seq ?? null, row]),
  );
  const routedTo = (await store.rowsWith('routing', 'webhook', [...own.keys()])).flatMap(
    ({ resource }) => resource ?? [],
  );
  const handedOn: KeptRow[] = [];
  for (const row of await store.rowsWith('resource', 'seq', [...new Set(routedTo)])) {
    // A booking that was handed on belongs to somebody else now.
    if (row.attendee_email === null) resources.set(row.seq ?? null, row);
    else if (!resources.has(row.seq ?? null)) handedOn.push(row);
  }
  // Webhooks about their resources that leave out the address, such as a cancellation without data.
  const aboutIt = (await store.rowsWith('routing', 'resource', [...resources.keys()])).map(
    ({ webhook }) => webhook ?? null,
  );
  for (const row of await store.rowsWith(
    'webhook',
    'seq',
    aboutIt.filter((seq) => !own.has(seq)),
  )) {
    const { attendee_email: address } = dataOfBody(row);
    if (address === undefined || address === null || person.isTheirs(address)) own.set(row.seq ?? null, row);
  }

  const deliveries = await deliveriesOf(store, person, own);
  const all = [...own.values()];
  const data = [...all.map(dataOfBody), ...[...resources.values()].map((row) => parsed(row.data))];
  const registeredFor = [...resources.values()].flatMap(({ event_id: event }) => (event ? [`event:${event}`] : []));
  const others = await othersOf(store, {
    webhooks: naming.filter(({ seq }) => !own.has(seq ?? null)),
    resources: [...known.filter(({ seq }) => !resources.has(seq ?? null)), ...handedOn],
    touched: [...resources.values(), ...handedOn],
    own,
    deliveries,
  });
  return {
    own,
    resources,
    others,
    ids: new Set([...resources.values(), ...all, ...deliveries].map(({ id }) => String(id))),
    subjects: new Set([...subjectsOf([...resources.values()]), ...registeredFor]),
    deliveries,
    words: longestFirst(data.flatMap(wordsOf)),
    names: longestFirst([
      ...data.flatMap(namesOf),
      ...others.webhooks.flatMap((row) => namesBeside(dataOfBody(row), person)),
    ]),
  };
};

const subjectsOf = (resources: readonly KeptRow[]): string[] => resources.map(({ kind, id }) => `${kind}:${id}`);

/** The rows of other people's webhooks and resources that name the person, and of bookings that changed hands. */
const othersOf = async (
  store: Reading,
  known: {
    readonly webhooks: readonly KeptRow[];
    readonly resources: readonly KeptRow[];
    /** Resources that are, or once were, the person's. */
    readonly touched: readonly KeptRow[];
    readonly own: ReadonlyMap<Kept, KeptRow>;
    readonly deliveries: readonly KeptRow[];
  },
): Promise<Others> => {
  const seqsOf = (rows: readonly KeptRow[]) => rows.map(({ seq }) => seq ?? null);
  const since = (await store.rowsWith('routing', 'resource', seqsOf(known.touched)))
    .map(({ webhook }) => webhook ?? null)
    .filter((seq) => !known.own.has(seq));
  const naming = new Set(seqsOf(known.webhooks));
  const later = await store.rowsWith(
    'webhook',
    'seq',
    since.filter((seq) => !naming.has(seq)),
  );
  const webhooks = [...known.webhooks, ...later];
  const resources = [...new Map(known.resources.map((row) => [row.seq, row])).values()];
  const theirs = new Set(seqsOf(known.deliveries));
  const deliveries = (await store.rowsWith('delivery', 'webhook', seqsOf(webhooks))).filter(
    ({ seq }) => !theirs.has(seq ?? null),
  );
  return {
    webhooks,
    resources,
    deliveries,
    routings: await store.rowsWith('routing', 'webhook', seqsOf(webhooks)),
    ids: new Set([...webhooks, ...resources, ...deliveries].map(({ id }) => String(id))),
    subjects: new Set(subjectsOf(resources)),
  };
};

/** The deliveries of the person's webhooks, and mails to them that other webhooks led to, as to everyone registered. */
const deliveriesOf = async (store: Reading, person: Person, own: ReadonlyMap<Kept, KeptRow>): Promise<KeptRow[]> => {
  const theirs = await store.rowsWith('delivery', 'webhook', [...own.keys()]);
  const naming = (await rowsNaming(store, 'delivery', person)).filter(({ webhook }) => !own.has(webhook ?? null));
  return [...theirs, ...naming.filter((row) => row.kind === 'email' && isMailTo(parsed(row.action), person))];
};

const isMailTo = (action: unknown, person: Person): boolean => {
  const { email } = (action ?? {}) as {
    email?: { to?: unknown; registration?: { data?: { attendee_email?: unknown } } };
  };
  return person.isTheirs(email?.to) || person.isTheirs(email?.registration?.data?.attendee_email);
};

/** The JSON in a column; an empty object where it holds none. */
export const parsed = (text: Kept | undefined): unknown => {
  try {
    return JSON.parse(textOf(text)) as unknown;
  } catch {
    return {};
  }
};
