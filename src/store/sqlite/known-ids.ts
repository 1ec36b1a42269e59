import type { Database } from './database.ts';

/** Tells the ids of stored webhooks from new ones. */
export type KnownIds = {
  has(id: string): boolean;
  /** Remembers the row in which an id was just stored. */
  add(id: string, seq: number): void;
  /** Forgets some of those that the index has by now. Must be called outside a transaction. */
  tidy(): void;
};

/** More than one batch can add, so that tidying keeps up; few enough that nobody waits for it. */
const TIDIED_AT_ONCE = 512;

/**
 * Accepting only appends: maintaining an index of random ids would dirty one more page for every webhook, and cost more than
 * the rest of the commit. So an id enters the index (webhook_id) when its webhook is routed; until then it is remembered
 * here with its row. Only the one writing connection accepts webhooks, so what it remembers is complete.
 *
 * A remembered row is checked before it is trusted: where its transaction was rolled back, the id is new after all.
 */
export const knownIds = (database: Database): KnownIds => {
  const indexed = database.prepare<{ found: 1 }>('SELECT 1 AS found FROM webhook_id WHERE id = ?');
  const stored = database.prepare<{ found: 1 }>('SELECT 1 AS found FROM webhook WHERE seq = ? AND id = ?');
  const unrouted = database.prepare<{ id: string; seq: number }>(
    'SELECT w.id, w.seq FROM unrouted u CROSS JOIN webhook w ON w.seq = u.webhook',
  );
  let rows: Map<string, number> | undefined;

  /** Starts, when first needed, with what was accepted before this start and still waits to be routed. */
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
      // Webhooks are routed in order of arrival, so the oldest enter the index first.
      for (const [id, seq] of rows ?? []) {
        // One that is neither indexed nor stored was rolled back, and may never come again.
        if (checked++ === TIDIED_AT_ONCE || (!indexed.get(id) && stored.get(seq, id))) return;
        rows?.delete(id);
      }
    },
  };
};
