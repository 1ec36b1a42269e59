import { hash } from 'node:crypto';
import type { Actor } from '../core/actor.ts';
import { createWake, type Wake } from '../runtime/wake.ts';
import {
  KEPT_TABLE_NAMES,
  type KeepingStore,
  type KeptRow,
  type KeptTable,
  type RowChange,
} from '../store/keeping-ports.ts';
import type { ActStore } from '../store/ports.ts';
import { type Found, findPerson, namedIn, parsed, rowsNaming, textOf } from './erase-find.ts';
import { erasures, WRITE } from './erase-rows.ts';
import type { Person } from './person.ts';

/** Something about the person that was delivered to where the bot can't delete it. */
export type OutOfReach = {
  readonly kind: 'mail' | 'slack' | 'sheet';
  /** The address or channel; for a sheet its id and tab. */
  readonly where: string;
  /** Slack's `ts` of the message. */
  readonly ts?: string;
  readonly count: number;
};

export type ErasePlan = {
  readonly webhooks: number;
  readonly resources: number;
  readonly deliveries: number;
  /** Rows of other people that name the person. */
  readonly inOthers: number;
  readonly outOfReach: readonly OutOfReach[];
};

/** How many rows of a table name the person. */
export type Trace = { readonly table: KeptTable; readonly rows: number };

/** Changes written in one transaction. */
const AT_ONCE = 40;
/** After so many rounds that each found something new, eraseRows() gives up. */
const ROUNDS = 8;
/** An attempt under way is waited for this many times this many milliseconds. */
const WAIT = 250;
const WAITS = 240;

/** What erasing would do, and what remains to be done by hand. */
export const planErasing = async (store: KeepingStore, person: Person): Promise<{ plan: ErasePlan; found: Found }> => {
  const found = await findPerson(store, person);
  const naming = (rows: readonly KeptRow[], table: KeptTable): number =>
    rows.filter((row) => namedIn(table, row, person).length > 0).length;
  const plan = {
    webhooks: found.own.size,
    resources: found.resources.size,
    deliveries: found.deliveries.length,
    inOthers: naming(found.others.webhooks, 'webhook') + naming(found.others.resources, 'resource'),
    outOfReach: await outOfReach(store, found),
  };
  return { plan, found };
};

const outOfReach = async (store: KeepingStore, { deliveries }: Found): Promise<OutOfReach[]> => {
  const places = new Map<string, OutOfReach>();
  const add = (place: Omit<OutOfReach, 'count'>): void => {
    const name = `${place.kind} ${place.where} ${place.ts ?? ''}`;
    places.set(name, { ...place, count: (places.get(name)?.count ?? 0) + 1 });
  };
  const bySeq = new Map(deliveries.map((row) => [row.seq ?? null, row]));
  for (const attempt of await store.rowsWith('attempt', 'delivery', [...bySeq.keys()])) {
    const row = bySeq.get(attempt.delivery ?? null);
    if (!row || (attempt.outcome !== 'done' && attempt.unclear !== 1)) continue;
    const { channel, ts, spreadsheet, tab, messageId } = parsed(attempt.detail) as Record<string, unknown>;
    if (row.kind === 'email' && (messageId !== undefined || attempt.outcome !== 'done')) {
      add({ kind: 'mail', where: textOf(row.destination).replace(/^email:/, '') });
    }
    if (typeof channel === 'string' && typeof ts === 'string') add({ kind: 'slack', where: channel, ts });
    if (typeof spreadsheet === 'string') add({ kind: 'sheet', where: `${spreadsheet}, tab ${String(tab)}` });
  }
  return [...places.values()];
};

/**
 * Erases a person from the store: gives up their pending deliveries, waits for those under way, and rewrites every row about
 * them. May be interrupted and repeated, also beside a running bot. Returns `false` where the bot kept writing about the person
 * for too long.
 */
export const eraseRows = async (store: KeepingStore, person: Person, now: () => number): Promise<boolean> => {
  const alarm = createWake();
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = await findPerson(store, person);
    const deliveries = await settled(store, found, alarm);
    const outcome = await writeAll(store, erasures(store, person, { ...found, deliveries }, now()));
    if (outcome === 'nothing to do') return true;
  }
  return false;
};

/** The person's deliveries, once none of them is pending or running, or the patience is over. */
const settled = async (store: KeepingStore, found: Found, alarm: Wake): Promise<readonly KeptRow[]> => {
  let rows = found.deliveries;
  for (let wait = 0; wait < WAITS; wait += 1) {
    const waiting = rows.filter(({ status }) => status === 'pending');
    for (let from = 0; from < waiting.length; from += AT_ONCE) {
      const changes = waiting.slice(from, from + AT_ONCE).map((before) => {
        return { table: 'delivery', before, after: { ...before, status: 'superseded' } } as const;
      });
      await store.rewrite(changes);
    }
    const seqs = rows.flatMap(({ seq }) => seq ?? []);
    rows = await store.rowsWith('delivery', 'seq', seqs);
    if (rows.every(({ status }) => status !== 'pending' && status !== 'running')) break;
    await alarm.rest(WAIT);
  }
  return rows;
};

const writeAll = async (
  store: KeepingStore,
  changes: AsyncIterable<readonly RowChange[]>,
): Promise<'done' | 'nothing to do'> => {
  let any = false;
  let batch: RowChange[] = [];
  for await (const some of changes) {
    batch.push(...some);
    if (batch.length === 0 || (some !== WRITE && batch.length < AT_ONCE)) continue;
    any = true;
    // Later changes would remove the rows by which this batch is found: stop, so that the next round finds it again.
    if ((await store.rewrite(batch)) === 'conflict') return 'done';
    batch = [];
  }
  if (batch.length === 0) return any ? 'done' : 'nothing to do';
  await store.rewrite(batch);
  return 'done';
};

/** The tables that still name the person, also in ids, which erasing never changes. */
export const tracesIn = async (store: KeepingStore, person: Person): Promise<Trace[]> => {
  const traces: Trace[] = [];
  for (const table of KEPT_TABLE_NAMES) {
    const rows = await rowsNaming(store, table, person);
    if (rows.length > 0) traces.push({ table, rows: rows.length });
  }
  return traces;
};

/** Records that somebody was erased, by a digest of the address. */
export const recordErasing = (
  store: Pick<ActStore, 'recordAct'>,
  person: Person,
  by: Actor,
  at: number,
): Promise<void> =>
  store.recordAct({
    at,
    by,
    kind: 'erase',
    subject: `address:${hash('sha256', person.address)}`,
    summary: 'a person was erased',
  });
