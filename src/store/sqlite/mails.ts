import type { Resource } from '../../core/resource.ts';
import type { MailThread, Page, RefusedAddress, SentInvite } from '../ports.ts';
import { RESOURCE_COLUMNS, type ResourceRow, toResource } from '../resource-row.ts';
import type { Database } from './database.ts';

const REFUSED = 'SELECT address, at, code, message FROM refused_address';

/** The MailStore port but for its list, as plain calls inside the writer's transaction. */
export const mails = (database: Database) => {
  const findThread = database.prepare<MailThread>('SELECT root, last, subject FROM mail_thread WHERE key = ?');
  const saveThread = database.prepare(
    'INSERT OR REPLACE INTO mail_thread (key, root, last, subject) VALUES (?, ?, ?, ?)',
  );
  const findInvite = database.prepare<SentInvite>(
    'SELECT sequence, delivery, version, stamp, method, times FROM invite WHERE uid = ?',
  );
  const saveInvite = database.prepare(
    `INSERT OR REPLACE INTO invite (uid, sequence, delivery, version, stamp, method, times)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const findRefused = database.prepare<RefusedAddress>(`${REFUSED} WHERE address = ?`);
  const refuse = database.prepare(
    'INSERT OR REPLACE INTO refused_address (address, at, code, message) VALUES (?, ?, ?, ?)',
  );
  const allow = database.prepare('DELETE FROM refused_address WHERE address = ?');
  return {
    getThread: (key: string): MailThread | undefined => findThread.get(key),

    saveThread(key: string, { root, last, subject }: MailThread): void {
      saveThread.run(key, root, last, subject);
    },

    getInvite: (uid: string): SentInvite | undefined => findInvite.get(uid),

    saveInvite(uid: string, { sequence, delivery, version, stamp, method, times }: SentInvite): void {
      saveInvite.run(uid, sequence, delivery, version, stamp, method, times);
    },

    refusedAddress: (address: string): RefusedAddress | undefined => findRefused.get(address.toLowerCase()),

    refuseAddress({ address, at, code, message }: RefusedAddress): void {
      refuse.run(address.toLowerCase(), at, code, message);
    },

    allowAddress: (address: string): boolean => allow.run(address.toLowerCase()).changes > 0,
  };
};

/** The lists of the MailStore port. */
export const mailLists = (database: Database) => {
  const registered = database.prepare<ResourceRow>(
    `SELECT ${RESOURCE_COLUMNS} FROM resource r
     WHERE r.kind = 'registration' AND r.event_id = ? AND r.id > ? ORDER BY r.id LIMIT ?`,
  );
  const newest = database.prepare<RefusedAddress>(`${REFUSED} ORDER BY at DESC, address LIMIT ? OFFSET ?`);
  return {
    registered: (eventId: string, after: string, limit: number): Resource[] =>
      registered.all(eventId, after, limit).map(toResource),

    refusedAddresses: ({ limit, offset }: Page): RefusedAddress[] => newest.all(limit, offset),
  };
};
