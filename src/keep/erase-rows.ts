import { ALERTS_CARD } from '../store/card-ports.ts';
import { columnsOf, type Kept, type KeptRow, type KeptTable, type RowChange } from '../store/keeping-ports.ts';
import { alertsWithout } from './erase-alerts.ts';
import { everyRow, type Found, parsed, type Reading, rowsNaming, textOf } from './erase-find.ts';
import { ERASED, impersonal, mapTexts, type Person, withoutGuest } from './person.ts';
import { isNamedAfter, scrubber, scrubberOfOthers } from './words.ts';

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** Yielded where the changes so far have to be written before the store is read further. */
export const WRITE = [] as const;

/**
 * The changes that leave nothing of the person in the store. They may be interrupted anywhere: rows that are found by way of
 * webhooks and resources are changed before those are.
 */
export async function* erasures(
  store: Reading,
  person: Person,
  found: Found,
  now: number,
): AsyncGenerator<readonly RowChange[]> {
  const scrub = scrubber(person, found.words);
  const scrubOther = scrubberOfOthers(person, found.names);
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
  for (const row of found.deliveries) {
    const destination = destinationWithout(row, person, found.names, scrub);
    yield change('delivery', row, deliveryWithout(row, destination, scrub));
  }

  yield WRITE;
  for await (const { row, own } of cardsOf(store, found)) {
    const detail = JSON.stringify(mapTexts(parsed(row.detail), own ? scrub : scrubOther));
    yield change('card', row, { ...row, detail });
  }
  const { others } = found;
  for (const row of others.routings) {
    // The values from before a booking was handed on are the person's own.
    const theirs = person.isIn(textOf(row.changed_from));
    const changed = withoutPerson('routing', row, person, scrubOther);
    const before = theirs && { changed_from: JSON.stringify(mapTexts(parsed(row.changed_from), scrub)) };
    yield change('routing', row, { ...changed, ...before });
  }
  for (const row of others.deliveries)
    yield change('delivery', row, withoutPerson('delivery', row, person, scrubOther));
  const later = others.deliveries.map(({ seq }) => seq ?? null);
  for (const row of await store.rowsWith('attempt', 'delivery', later)) {
    if (row.ended_at !== null) yield change('attempt', row, withoutPerson('attempt', row, person, scrubOther));
  }
  for (const row of await store.rowsWith('card', 'key', [ALERTS_CARD])) {
    yield change('card', row, { ...row, detail: alertsWithout(textOf(row.detail), person, found.ids) });
  }
  for (const row of await store.rowsWith('act', 'subject', [...found.ids])) {
    yield change('act', row, { ...row, summary: scrub(textOf(row.summary)) });
  }
  yield WRITE;
  for (const table of ['mail_thread', 'invite', 'refused_address'] as const) {
    for (const row of await rowsNaming(store, table, person)) yield [gone(table, row)];
  }
  yield WRITE;
  // Anything about other people that names the person besides.
  for (const table of ['attempt', 'delivery', 'card', 'act', 'pause', 'rejection', 'routing'] as const) {
    for (const row of await rowsNaming(store, table, person)) {
      yield change(table, row, withoutPerson(table, row, person, scrubOther));
    }
  }

  yield WRITE;
  const own = [...found.own.keys()];
  for (const row of await store.rowsWith('routing', 'webhook', own)) yield change('routing', row, routingWithout(row));
  for (const row of await store.rowsWith('unrouted', 'webhook', own)) {
    yield [gone('unrouted', row), { table: 'routing', before: undefined, after: emptyRouting(found, row, now) }];
  }
  for (const row of found.resources.values()) yield change('resource', row, resourceWithout(row, person));
  for (const row of others.resources) yield change('resource', row, withoutPerson('resource', row, person, scrubOther));
  for (const row of others.webhooks) {
    yield change('webhook', row, { ...row, body: bodyWithoutGuest(row, person, scrubOther) });
  }
  for (const row of found.own.values()) yield change('webhook', row, { ...row, body: tombstone(row, person) });
}

const sameBytes = (one: unknown, other: unknown): boolean =>
  one instanceof Uint8Array && other instanceof Uint8Array && Buffer.compare(one, other) === 0;

const attemptWithout = ({ message, detail, note }: KeptRow): KeptRow => ({
  message: message === null ? null : ERASED,
  // The place of a post is not personal, and is needed to delete it by hand.
  detail: detail === null ? null : JSON.stringify(placeOf(parsed(detail))),
  note: note === null ? null : '{}',
});

const placeOf = (detail: unknown): Fields => {
  const { channel, ts, spreadsheet, tab } = fieldsOf(detail);
  return Object.fromEntries(
    Object.entries({ channel, ts, spreadsheet, tab }).filter(([, value]) => typeof value === 'string'),
  );
};

type Scrub = (text: string) => string;

/** A delivery's destination without the person, as `email:(erased)`; the name of a sheet named after them goes as a whole. */
const destinationWithout = (row: KeptRow, person: Person, names: readonly string[], scrub: Scrub): string => {
  const told = textOf(row.destination);
  const kind = told.slice(0, told.indexOf(':') + 1);
  const place = told.slice(kind.length);
  return `${kind}${row.kind === 'sheet' && isNamedAfter(place, person, names) ? ERASED : scrub(place)}`;
};

const deliveryWithout = (row: KeptRow, destination: string, scrub: Scrub): KeptRow => {
  const told = textOf(row.destination);
  const action = fieldsOf(parsed(row.action));
  const pending = row.status === 'pending';
  return {
    ...row,
    destination,
    // Deliveries that shared a key still do, which keeps their order.
    key: textOf(row.key).replace(told, destination),
    action: JSON.stringify(actionWithout(textOf(row.kind), action, scrub, destination)),
    fingerprint: null,
    ...(pending && { status: 'superseded' }),
  };
};

const actionWithout = (kind: string, action: Fields, scrub: Scrub, destination: string): Fields => {
  const own = fieldsOf(action[kind]);
  if (kind === 'email') return { kind, email: { to: ERASED, template: own.template } };
  if (kind === 'slack') {
    const { channel, template, as } = own;
    return { kind, slack: { channel: mapTexts(channel, scrub), ...(template !== undefined && { template }), as } };
  }
  const columns = Object.fromEntries(Object.keys(fieldsOf(own.columns)).map((name) => [name, ERASED]));
  const file = own.file === undefined ? {} : { file: destination.slice(destination.indexOf(':') + 1) };
  return { kind, sheet: { ...fieldsOf(mapTexts(own, scrub)), ...file, columns } };
};

/**
 * The cards about the person's bookings and about events they registered for, whose threads name them (`own`), and those about
 * other people's bookings. Reads all cards page by page: they may be too many to query by key.
 */
async function* cardsOf(
  store: Reading,
  { subjects, others }: Found,
): AsyncGenerator<{ readonly row: KeptRow; readonly own: boolean }> {
  if (subjects.size + others.subjects.size === 0) return;
  for await (const row of everyRow('card', (after, limit) => store.rows('card', after, limit))) {
    const key = textOf(row.key);
    const about = [...key.matchAll(/\|/g)].map(({ index }) => key.slice(index + 1));
    const own = about.some((subject) => subjects.has(subject));
    if (own || about.some((subject) => others.subjects.has(subject))) yield { row, own };
  }
}

const routingWithout = (row: KeptRow): KeptRow => {
  const decisions = parsed(row.decisions);
  const oddities = parsed(row.oddities);
  const withoutText = (reason: unknown): Fields => ({ ...fieldsOf(reason), text: ERASED });
  return {
    ...row,
    changed_from: null,
    decisions: JSON.stringify(
      Array.isArray(decisions)
        ? decisions.map((decision: unknown) => {
            const { reasons } = fieldsOf(decision);
            return { ...fieldsOf(decision), reasons: Array.isArray(reasons) ? reasons.map(withoutText) : [] };
          })
        : [],
    ),
    oddities: JSON.stringify(Array.isArray(oddities) ? oddities.map(() => ERASED) : []),
  };
};

/** The routing of a webhook that is erased before it was routed: there is nothing left to decide on. */
const emptyRouting = ({ own }: Found, { webhook = null }: KeptRow, now: number): KeptRow => ({
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

const bodyWithoutGuest = (row: KeptRow, person: Person, scrub: Scrub): Kept => {
  const { id, type, ...rest } = fieldsOf(parsed(row.body));
  const left = withoutGuest(rest, person, scrub);
  if (JSON.stringify(left) === JSON.stringify(rest)) return row.body ?? null;
  return new TextEncoder().encode(JSON.stringify({ id, type, ...fieldsOf(left) }));
};

/** A row about somebody else without the person. Ids and keys never change. */
const withoutPerson = (table: KeptTable, row: KeptRow, person: Person, scrub: Scrub): KeptRow => {
  const changed = columnsOf(table).flatMap(([name, type]) => {
    const text = row[name];
    if (typeof text !== 'string' || name === 'id' || name === 'ts' || (table === 'card' && name === 'key')) return [];
    if (type === 'text') return [[name, scrub(text)]];
    const value = parsed(text);
    const left = JSON.stringify(withoutGuest(value, person, scrub));
    return left === JSON.stringify(value) ? [] : [[name, left]];
  });
  return { ...row, ...Object.fromEntries(changed) };
};
