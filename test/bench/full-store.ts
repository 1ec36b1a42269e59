import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { applyWebhook } from '../../src/core/resource.ts';
import { versionOf } from '../../src/core/webhook.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { resources } from '../../src/store/sqlite/resources.ts';
import { aBooking } from './bookings.ts';

const A_COMMIT = 10_000;
const VERBS: Readonly<Record<string, string>> = {
  CANCELLED: 'cancelled',
  COMPLETED: 'completed',
  CONFIRMED: 'confirmed',
};

/** Fills a store with bookings as they would have come to be: one webhook each, routed, a mail and a post delivered. */
export const fillStore = async (file: string, count: number): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  const database = openDatabase(file);
  // Nothing is lost that could not be made again, so nothing is waited for.
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -400000');
  const keep = keeping(database);
  for (let number = 1; number <= count; number += 1) {
    if (number % A_COMMIT === 1) database.exec('BEGIN');
    keep(number, count);
    if (number % A_COMMIT === 0 || number === count) database.exec('COMMIT');
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
};

const keeping = (database: ReturnType<typeof openDatabase>) => {
  const known = resources(database);
  const webhook = database.prepare('INSERT INTO webhook (id, type, received_at, body) VALUES (?, ?, ?, ?)');
  const index = database.prepare('INSERT INTO webhook_id (id, webhook) VALUES (?, ?)');
  const routing = database.prepare(
    `INSERT INTO routing (webhook, resource, created_at, decided_at, decisions, oddities) VALUES (?, ?, ?, ?, ?, '[]')`,
  );
  const delivery = database.prepare(
    `INSERT INTO delivery (id, webhook, rule, kind, destination, key, version, late, action, status, due_at, tries)
     VALUES (?, ?, 'tell', ?, ?, ?, ?, 'skip', ?, 'done', ?, 1)`,
  );
  const attempt = database.prepare(
    `INSERT INTO attempt (delivery, started_at, ended_at, outcome, message) VALUES (?, ?, ?, 'done', 'accepted')`,
  );

  return (number: number, count: number): void => {
    const { bookedAt, data } = aBooking(number, count);
    const type = `booking.${VERBS[data.status] ?? 'created'}`;
    const told = { id: `wh_evt_full_${number}`, type, created_at: new Date(bookedAt).toISOString(), data };
    const key = { kind: 'booking', id: data.id };
    const seq = webhook.run(told.id, type, bookedAt, Buffer.from(JSON.stringify(told))).lastRowid;
    index.run(told.id, seq);
    const resource = known.save(applyWebhook(undefined, key, told, bookedAt, 'UTC').resource, undefined);
    const kinds = ['email', 'slack'];
    const planned = kinds.map((kind) => `dl_full_${number}_${kind}`);
    routing.run(seq, resource, bookedAt, bookedAt, JSON.stringify([{ rule: 'tell', planned, reasons: [] }]));
    for (const [place, kind] of kinds.entries()) {
      const destination = kind === 'email' ? `email:${data.attendee_email}` : 'slack:#bookings';
      const action = { kind, [kind]: { to: destination, template: 'booking' } };
      const row = delivery.run(
        planned[place] ?? '',
        seq,
        kind,
        destination,
        `booking:${data.id} ${destination}`,
        versionOf(told, bookedAt),
        JSON.stringify(action),
        bookedAt,
      ).lastRowid;
      attempt.run(row, bookedAt, bookedAt + 100);
    }
  };
};
