/*
 * What every store keeps, table by table, under the same names: for what has to see all of it, whatever the store. What a
 * store makes of these columns for itself (indexes, folded text) is not among them.
 */

/** A value as it crosses between stores: integers are safe ones, and flags are 0 or 1. */
export type Kept = string | number | Uint8Array | null;
export type KeptRow = Readonly<Record<string, Kept>>;

type Column = 'integer' | 'text' | 'json' | 'bytes' | 'flag';
type Table = {
  /** The column that names a row and gives the order. */
  readonly key: string;
  readonly columns: Readonly<Record<string, Column>>;
};

/** In an order in which each row finds those it refers to. */
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

/** All of them, those first that others refer to. */
export const KEPT_TABLE_NAMES = Object.keys(KEPT_TABLES) as readonly KeptTable[];

export const columnsOf = (table: KeptTable): readonly (readonly [name: string, column: Column])[] =>
  Object.entries(KEPT_TABLES[table].columns);

/** The value under which a row is found again. */
export const keyOf = (table: KeptTable, row: KeptRow): Kept => row[KEPT_TABLES[table].key] ?? null;
