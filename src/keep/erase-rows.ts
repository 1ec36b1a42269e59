import { ALERTS_CARD } from '../store/card-ports.ts';
import { columnsOf, type KeptRow, type KeptTable, type RowChange } from '../store/keeping-ports.ts';
import { alertsWithout } from './erase-alerts.ts';
import { type Found, namedIn, parsed, type Reading, rowsNaming, textOf } from './erase-find.ts';
import { ERASED, impersonal, mapTexts, type Person, scrubber, withoutGuest } from './person.ts';

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** Says that what came before has to be written before more is read. */
export const WRITE = [] as const;

/**
 * What has to be written so that nothing of the person is left, in an order that can be broken off anywhere: what is found
 * by the webhooks and resources comes before those.
 */
export async function* erasures(
  store: Reading,
  person: Person,
  found: Found,
  now: number,
): AsyncGenerator<readonly RowChange[]> {
  const scrub = scrubber(person, found.words);
  const change = (table: KeptTable, before: KeptRow, changed: KeptRow): readonly RowChange[] =>
    columnsOf(table).some(([name]) => before[name] !== changed[name] && !sameBytes(before[name], changed[name]))
      ? [{ table, before, after: changed }]
      : [];
  const gone = (table: KeptTable, row: KeptRow): RowChange => ({ table, before: row, after: undefined });

  const seqs = found.deliveries.flatMap(({ seq }) => seq ?? []);
  for (const row of await store.rowsWith('attempt', 'delivery', seqs)) {
    if (row.ended_at !== null) yield change('attempt', row, { ...row, ...attemptWithout(row) });
  }
  const keys = [...new Set(found.deliveries.map(({ key }) => textOf(key)))];
  for (const row of await store.rowsWith('mail_thread', 'key', keys)) yield [gone('mail_thread', row)];
  const ids = found.deliveries.flatMap(({ id }) => id ?? []);
  for (const row of await store.rowsWith('invite', 'delivery', ids)) yield [gone('invite', row)];
  yield WRITE;
  for (const row of found.deliveries) yield change('delivery', row, deliveryWithout(row, scrub));

  yield WRITE;
  for await (const row of cardsOf(store, found)) {
    const detail = JSON.stringify(mapTexts(parsed(row.detail), scrub));
    yield change('card', row, { ...row, detail });
  }
  for (const row of await store.rowsWith('card', 'key', [ALERTS_CARD])) {
    yield change('card', row, { ...row, detail: alertsWithout(textOf(row.detail), person, found.ids) });
  }
  for (const id of found.ids) {
    for (const row of await store.rowsWith('act', 'subject', [id])) {
      yield change('act', row, { ...row, summary: scrub(textOf(row.summary)) });
    }
  }
  yield WRITE;
  for (const table of ['mail_thread', 'invite', 'refused_address'] as const) {
    for (const row of await rowsNaming(store, table, person)) yield [gone(table, row)];
  }
  yield WRITE;
  // Whatever else names the person, in things about others.
  for (const table of ['attempt', 'delivery', 'card', 'act', 'pause', 'rejection', 'routing'] as const) {
    for (const row of await rowsNaming(store, table, person)) yield change(table, row, scrubbed(table, row, person));
  }

  yield WRITE;
  const own = [...found.own.keys()];
  for (const row of await store.rowsWith('routing', 'webhook', own)) yield change('routing', row, routingWithout(row));
  for (const row of await store.rowsWith('unrouted', 'webhook', own)) {
    yield [gone('unrouted', row), { table: 'routing', before: undefined, after: undecided(found, row, now) }];
  }
  for (const row of found.resources.values()) yield change('resource', row, resourceWithout(row, person));
  for (const row of found.otherResources) yield change('resource', row, scrubbed('resource', row, person));
  for (const row of found.others) yield change('webhook', row, { ...row, body: bodyWithoutGuest(row, person) });
  for (const row of found.own.values()) yield change('webhook', row, { ...row, body: tombstone(row, person) });
}

const sameBytes = (one: unknown, other: unknown): boolean =>
  one instanceof Uint8Array && other instanceof Uint8Array && Buffer.compare(one, other) === 0;

const attemptWithout = ({ message, detail, note }: KeptRow): KeptRow => ({
  message: message === null ? null : ERASED,
  // Where a post stands is no secret of anybody's, and says where it can be deleted.
  detail: detail === null ? null : JSON.stringify(placeOf(parsed(detail))),
  note: note === null ? null : '{}',
});

const placeOf = (detail: unknown): Fields => {
  const { channel, ts, spreadsheet, tab } = fieldsOf(detail);
  return Object.fromEntries(
    Object.entries({ channel, ts, spreadsheet, tab }).filter(([, value]) => typeof value === 'string'),
  );
};

const deliveryWithout = (row: KeptRow, scrub: (text: string) => string): KeptRow => {
  const told = textOf(row.destination);
  const place = told.indexOf(':') + 1;
  const destination = told.slice(0, place) + scrub(told.slice(place));
  const action = fieldsOf(parsed(row.action));
  const pending = row.status === 'pending';
  return {
    ...row,
    destination,
    // The order among those of one key is kept: they go on sharing one.
    key: textOf(row.key).replace(told, destination),
    action: JSON.stringify(actionWithout(textOf(row.kind), action, scrub)),
    fingerprint: null,
    ...(pending && { status: 'superseded' }),
  };
};

const actionWithout = (kind: string, action: Fields, scrub: (text: string) => string): Fields => {
  const own = fieldsOf(action[kind]);
  if (kind === 'email') return { kind, email: { to: ERASED, template: own.template } };
  if (kind === 'slack') {
    const { channel, template, as } = own;
    return { kind, slack: { channel: mapTexts(channel, scrub), ...(template !== undefined && { template }), as } };
  }
  const columns = Object.fromEntries(Object.keys(fieldsOf(own.columns)).map((name) => [name, ERASED]));
  return { kind, sheet: { ...fieldsOf(mapTexts(own, scrub)), columns } };
};

/** The cards about the person's bookings, and those of events they registered for, whose threads name them. */
async function* cardsOf(store: Reading, { subjects }: Found): AsyncGenerator<KeptRow> {
  const names = [...subjects];
  if (names.length === 0) return;
  const texts = names.map((name) => name.toLowerCase());
  let after: KeptRow | undefined;
  for (;;) {
    const rows = await store.rowsHolding('card', texts, after?.key, 200);
    yield* rows.filter(({ key }) => names.some((name) => textOf(key).endsWith(`|${name}`)));
    after = rows.at(-1);
    if (!after || rows.length < 200) return;
  }
}

const routingWithout = (row: KeptRow): KeptRow => {
  const decisions = parsed(row.decisions);
  const oddities = parsed(row.oddities);
  const silent = (reason: unknown): Fields => ({ ...fieldsOf(reason), text: ERASED });
  return {
    ...row,
    changed_from: null,
    decisions: JSON.stringify(
      Array.isArray(decisions)
        ? decisions.map((decision: unknown) => {
            const { reasons } = fieldsOf(decision);
            return { ...fieldsOf(decision), reasons: Array.isArray(reasons) ? reasons.map(silent) : [] };
          })
        : [],
    ),
    oddities: JSON.stringify(Array.isArray(oddities) ? oddities.map(() => ERASED) : []),
  };
};

/** Of a webhook that nobody had decided on: there is nothing left to decide on. */
const undecided = ({ own }: Found, { webhook = null }: KeptRow, now: number): KeptRow => ({
  webhook,
  resource: null,
  created_at: own.get(webhook)?.received_at ?? now,
  decided_at: now,
  moved_from: null,
  changed_from: null,
  decisions: '[]',
  oddities: JSON.stringify(['erased before it was decided on']),
});

const resourceWithout = (row: KeptRow, person: Person): KeptRow => ({
  ...row,
  title: row.kind === 'event' ? (row.title ?? null) : null,
  attendee_name: null,
  attendee_email: null,
  data: JSON.stringify({ ...impersonal(parsed(row.data), person), erased: true }),
});

const tombstone = (row: KeptRow, person: Person): Uint8Array => {
  const { created_at, data } = fieldsOf(parsed(row.body));
  const told = {
    id: row.id,
    type: row.type,
    ...(typeof created_at === 'string' && created_at.length < 50 && { created_at }),
  };
  return new TextEncoder().encode(JSON.stringify({ ...told, data: impersonal(data, person), erased: true }));
};

const bodyWithoutGuest = (row: KeptRow, person: Person): Uint8Array => {
  const { id, type, ...rest } = fieldsOf(parsed(row.body));
  return new TextEncoder().encode(JSON.stringify({ id, type, ...fieldsOf(withoutGuest(rest, person)) }));
};

/** A row about somebody else, in those columns that name the person. Ids are never changed. */
const scrubbed = (table: KeptTable, row: KeptRow, person: Person): KeptRow => {
  const types: Readonly<Record<string, string>> = Object.fromEntries(columnsOf(table));
  const columns = namedIn(table, row, person).filter((name) => name !== 'id' && !(table === 'card' && name === 'key'));
  const changed = columns.map((name) => {
    const text = textOf(row[name]);
    return [
      name,
      types[name] === 'json' ? JSON.stringify(withoutGuest(parsed(text), person)) : person.without(text),
    ] as const;
  });
  return { ...row, ...Object.fromEntries(changed) };
};
