import type { Database } from './database.ts';

/** Tells webhook ids that are stored from new ones. */
export type KnownIds = {
  has(id: string): boolean;
  /** Says under which row an id was just stored. */
  add(id: string, seq: number): void;
  /** Lets go of some that the index holds by now. To be called outside a transaction only. */
  tidy(): void;
};

/** More than a batch can bring, so that it keeps up; few enough that nobody waits for it. */
const TIDIED_AT_ONCE = 512;

/**
 * Accepting appends and does nothing else: an index of random ids would dirty a page of its own for each webhook, and
 * cost more than all the rest of a commit. So an id enters the index (webhook_id) when its webhook is routed; until then
 * it is found here, by the row it is in. Only the one writing connection accepts, so what it remembers is complete.
 *
 * A row is looked at before it is believed: where its transaction was rolled back, the id is new after all.
 */
export const knownIds = (database: Database): KnownIds => {
  const indexed = database.prepare<{ found: 1 }>('SELECT 1 AS found FROM webhook_id WHERE id = ?');
  const stored = database.prepare<{ found: 1 }>('SELECT 1 AS found FROM webhook WHERE seq = ? AND id = ?');
  const unrouted = database.prepare<{ id: string; seq: number }>(
    'SELECT w.id, w.seq FROM unrouted u CROSS JOIN webhook w ON w.seq = u.webhook',
  );
  let rows: Map<string, number> | undefined;

  /** What was accepted before this start and still waits, read when it is first needed. */
  const remembered = (): Map<string, number> => {
    rows ??= new Map(unrouted.all().map(({ id, seq }) => [id, seq]));
    return rows;
  };

  return {
    has(id) {
      const seq = remembered().get(id);
      return (seq !== undefined && stored.get(seq, id) !== undefined) || indexed.get(id) !== undefined;
    },
    add(id, seq) {
      remembered().set(id, seq);
    },
    tidy() {
      let checked = 0;
      // Webhooks are routed in the order they came in, so the oldest are the first to be in the index.
      for (const [id, seq] of rows ?? []) {
        // One that is in neither place was rolled back, and may never come again.
        if (checked++ === TIDIED_AT_ONCE || (!indexed.get(id) && stored.get(seq, id))) return;
        rows?.delete(id);
      }
    },
  };
};
