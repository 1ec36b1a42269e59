/*
 * The tables and columns that every store has, under the same names: for code that has to see everything, whatever the store.
 * What a store derives from them for itself (indexes, folded text) is left out.
 */

/** A value in the form common to all stores: integers are safe integers, flags are 0 or 1. */
export type Kept = string | number | Uint8Array | null;
export type KeptRow = Readonly<Record<string, Kept>>;

type Column = 'integer' | 'text' | 'json' | 'bytes' | 'flag';
type Table = {
  /** The column that identifies a row and gives the order of rows(). */
  readonly key: string;
  readonly columns: Readonly<Record<string, Column>>;
};

/** Ordered so that each table comes after those it references. */
export const KEPT_TABLES = {
  webhook: { key: 'seq', columns: { seq: 'integer', id: 'text', type: 'text', received_at: 'integer', body: 'bytes' } },
  unrouted: { key: 'webhook', columns: { webhook: 'integer' } },
  resource: {
    key: 'seq',
    columns: {
      seq: 'integer',
      id: 'text',
      kind: 'text',
      status: 'text',
      title: 'text',
      attendee_name: 'text',
      attendee_email: 'text',
      schedule_id: 'text',
      event_id: 'text',
      start: 'text',
      starts_at: 'integer',
      previous_start: 'text',
      previous_start_version: 'integer',
      last_type: 'text',
      last_webhook_id: 'text',
      version: 'integer',
      data: 'json',
    },
  },
  routing: {
    key: 'webhook',
    columns: {
      webhook: 'integer',
      resource: 'integer',
      created_at: 'integer',
      decided_at: 'integer',
      moved_from: 'text',
      changed_from: 'json',
      decisions: 'json',
      oddities: 'json',
    },
  },
  act: {
    key: 'seq',
    columns: {
      seq: 'integer',
      at: 'integer',
      actor: 'json',
      kind: 'text',
      subject: 'text',
      summary: 'text',
      token: 'text',
    },
  },
  delivery: {
    key: 'seq',
    columns: {
      seq: 'integer',
      id: 'text',
      webhook: 'integer',
      rule: 'text',
      kind: 'text',
      destination: 'text',
      key: 'text',
      version: 'integer',
      late: 'text',
      hold: 'integer',
      action: 'json',
      status: 'text',
      due_at: 'integer',
      tries: 'integer',
      superseded_by: 'integer',
      fingerprint: 'text',
      together: 'text',
      rerun: 'integer',
      parent: 'integer',
    },
  },
  attempt: {
    key: 'seq',
    columns: {
      seq: 'integer',
      delivery: 'integer',
      started_at: 'integer',
      ended_at: 'integer',
      outcome: 'text',
      unclear: 'flag',
      code: 'text',
      message: 'text',
      detail: 'json',
      note: 'json',
    },
  },
  rejection: {
    key: 'seq',
    columns: { seq: 'integer', at: 'integer', reason: 'text', remote: 'text', bytes: 'integer', user_agent: 'text' },
  },
  rejection_count: { key: 'reason', columns: { reason: 'text', count: 'integer', last_at: 'integer' } },
  pause: {
    key: 'kind',
    columns: { kind: 'text', since: 'integer', until: 'integer', code: 'text', message: 'text' },
  },
  card: {
    key: 'key',
    columns: { key: 'text', channel: 'text', ts: 'text', version: 'integer', detail: 'json' },
  },
  mail_thread: { key: 'key', columns: { key: 'text', root: 'text', last: 'text', subject: 'text' } },
  invite: {
    key: 'uid',
    columns: {
      uid: 'text',
      sequence: 'integer',
      delivery: 'text',
      version: 'integer',
      stamp: 'integer',
      method: 'text',
      times: 'text',
    },
  },
  refused_address: {
    key: 'address',
    columns: { address: 'text', at: 'integer', code: 'text', message: 'text' },
  },
} as const satisfies Readonly<Record<string, Table>>;

export type KeptTable = keyof typeof KEPT_TABLES;

/** In the order of KEPT_TABLES. */
export const KEPT_TABLE_NAMES = Object.keys(KEPT_TABLES) as readonly KeptTable[];

export const columnsOf = (table: KeptTable): readonly (readonly [name: string, column: Column])[] =>
  Object.entries(KEPT_TABLES[table].columns);

/** The value of a row's key column. */
export const keyOf = (table: KeptTable, row: KeptRow): Kept => row[KEPT_TABLES[table].key] ?? null;
