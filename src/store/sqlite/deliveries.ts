import type { Note, PlannedDelivery } from '../../core/delivery.ts';
import type { ActionKind } from '../../core/rule.ts';
import type { DueDelivery, Pause, Settlement } from '../ports.ts';
import { claiming } from './claiming.ts';
import type { Database } from './database.ts';
import { MAY_GO, planning, TROUBLED } from './planning.ts';

type Candidate = DueDelivery & {
  readonly seq: number;
  readonly key: string;
  readonly webhook: number;
  readonly version: number;
  readonly late: string;
  readonly hold: number;
  /** 1 for a child delivery, else 0. */
  readonly child: 0 | 1;
};

/**
 * Child deliveries go after all others: hundreds of mails about an event must not hold up anybody's booking. The index
 * `delivery_due` contains this very expression, so each half is a range of it.
 */
const CHILDREN_LAST = ['(d.parent IS NOT NULL) = 0', '(d.parent IS NOT NULL) = 1'] as const;

/** The DeliveryStore port, as plain calls inside the writer's transaction. */
export const deliveries = (database: Database) => {
  const candidates = CHILDREN_LAST.map((half) =>
    database.prepare<Candidate>(
      `SELECT d.seq, d.id, d.destination, d.key, d.webhook, d.version, d.late, d.hold, d.parent IS NOT NULL AS child
       FROM delivery d
       WHERE d.status = 'pending' AND d.kind = ? AND ${half} AND d.due_at <= ?
         AND ${MAY_GO}
       ORDER BY d.due_at, d.seq LIMIT ?`,
    ),
  );
  // A child delivery is about another resource, an event: it never supersedes a registration's own deliveries, only children.
  const newer = (status: 'done' | 'pending', later: 'version > ?' | '(version, webhook) > (?, ?)') =>
    database.prepare<{ webhook: number }>(
      `SELECT webhook FROM delivery WHERE key = ? AND ${later} AND (parent IS NULL OR ?) AND status = '${status}'
       ORDER BY version DESC, webhook DESC LIMIT 1`,
    );
  const newerDone = newer('done', 'version > ?');
  // Of one version, the later webhook is newer; two deliveries of one webhook don't supersede each other.
  const newerWaiting = newer('pending', '(version, webhook) > (?, ?)');
  const supersede = database.prepare(`UPDATE delivery SET status = 'superseded', superseded_by = ? WHERE seq = ?`);
  const postpone = database.prepare(`UPDATE delivery SET due_at = ? WHERE id = ? AND status = 'pending'`);
  const keepNote = database.prepare('UPDATE attempt SET note = ? WHERE seq = ?');
  const endAttempt = database.prepare(
    `UPDATE attempt SET ended_at = ?, outcome = ?, unclear = ?, code = ?, message = ?, detail = ?
     WHERE seq = ? AND outcome = 'running'`,
  );
  const done = database.prepare(`UPDATE delivery SET status = 'done', fingerprint = ?, together = ? WHERE id = ?`);
  const notDone = database.prepare('UPDATE delivery SET status = ?, due_at = ?, tries = tries - ? WHERE id = ?');
  const interrupted = database.prepare<{ delivery: number }>(
    `UPDATE attempt SET ended_at = ?, outcome = 'unclear', unclear = 1, code = 'interrupted',
       message = 'The bot stopped in the middle of this attempt.'
     WHERE outcome = 'running' RETURNING delivery`,
  );
  // due_at stays as it was, so they go before newer ones.
  const release = database.prepare(`UPDATE delivery SET status = 'pending' WHERE ${TROUBLED} AND status = 'running'`);
  const next = CHILDREN_LAST.map((half) =>
    database.prepare<{ dueAt: number }>(
      `SELECT d.due_at AS dueAt FROM delivery d WHERE d.status = 'pending' AND d.kind = ? AND ${half} AND ${MAY_GO}
       ORDER BY d.due_at, d.seq LIMIT 1`,
    ),
  );
  const { plan } = planning(database);
  const origin = database.prepare<{ seq: number; webhook: number; rerun: number | null }>(
    'SELECT seq, webhook, rerun FROM delivery WHERE id = ?',
  );
  const pause = database.prepare(
    'INSERT OR REPLACE INTO pause (kind, since, until, code, message) VALUES (?, ?, ?, ?, ?)',
  );
  const paused = database.prepare<Pause>('SELECT since, until, code, message FROM pause WHERE kind = ?');
  const unpause = database.prepare('DELETE FROM pause WHERE kind = ?');

  /** The webhook that supersedes a delivery; undefined where none does. */
  const supersederOf = ({ key, webhook, version, late, hold, child }: Candidate): number | undefined => {
    if (late !== 'skip') return undefined;
    const done = newerDone.get(key, version, child);
    return (done ?? (hold > 0 ? newerWaiting.get(key, version, webhook, child) : undefined))?.webhook;
  };

  const candidatesOf = (kind: ActionKind, now: number, limit: number): Candidate[] => {
    const found: Candidate[] = [];
    for (const half of candidates) {
      if (found.length < limit) found.push(...half.all(kind, now, limit - found.length));
    }
    return found;
  };

  /** Plans child deliveries, for the webhook and the rerun of their parent. */
  const planChildren = (id: string, planned: readonly PlannedDelivery[], at: number): void => {
    const from = origin.get(id);
    if (!from) return;
    const { seq: parent, webhook, rerun } = from;
    for (const delivery of planned) plan(delivery, { webhook, dueAt: at, rerun, parent });
  };

  const due = (kind: ActionKind, now: number, limit: number): DueDelivery[] => {
    for (;;) {
      const found = candidatesOf(kind, now, limit);
      const ready = found.filter((candidate) => {
        const superseder = supersederOf(candidate);
        if (superseder !== undefined) supersede.run(superseder, candidate.seq);
        return superseder === undefined;
      });
      if (ready.length > 0 || found.length === 0) return ready.map(({ id, destination }) => ({ id, destination }));
    }
  };

  return {
    ...claiming(database),
    due,

    postpone(later: readonly { readonly id: string; readonly until: number }[]): void {
      for (const { id, until } of later) postpone.run(until, id);
    },

    note(attempt: number, note: Note): void {
      keepNote.run(JSON.stringify(note), attempt);
    },

    settle({ attempt, id, at, outcome }: Settlement): void {
      if (outcome.status === 'done') {
        const { summary, detail, fingerprint = null, together = null } = outcome.receipt;
        const ended = endAttempt.run(at, 'done', 0, null, summary, detail ? JSON.stringify(detail) : null, attempt);
        if (ended.changes === 0) return;
        done.run(fingerprint, together, id);
        planChildren(id, outcome.planned ?? [], at);
        return;
      }
      const { verdict, unclear, code, message, status, dueAt, counts } = outcome;
      const ended = endAttempt.run(at, verdict, unclear ? 1 : 0, code, message, null, attempt);
      if (ended.changes > 0) notDone.run(status, dueAt, counts ? 0 : 1, id);
    },

    recoverRunning(now: number): number {
      interrupted.all(now);
      return release.run().changes;
    },

    nextDue(kind: ActionKind): number | undefined {
      const times = next.flatMap((half) => half.get(kind)?.dueAt ?? []);
      return times.length > 0 ? Math.min(...times) : undefined;
    },

    setPause(kind: ActionKind, value: Pause | undefined): void {
      if (value) pause.run(kind, value.since, value.until, value.code, value.message);
      else unpause.run(kind);
    },

    getPause: (kind: ActionKind): Pause | undefined => paused.get(kind),
  };
};
