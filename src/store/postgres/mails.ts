import type { Resource } from '../../core/resource.ts';
import type { MailStore, MailThread, Page, RefusedAddress, SentInvite } from '../ports.ts';
import { RESOURCE_COLUMNS, type ResourceRow, toResource } from '../resource-row.ts';
import type { Database } from './database.ts';

const REFUSED = 'SELECT address, at, code, message FROM refused_address';

/** The MailStore port. */
export const mails = (database: Database): MailStore => ({
  async getThread(key: string) {
    const [thread] = await database.query<MailThread>(
      'SELECT root, last, subject FROM mail_thread WHERE digest_of(key) = digest_of($1)',
      [key],
    );
    return thread;
  },

  async saveThread(key: string, { root, last, subject }: MailThread) {
    await database.query(
      `INSERT INTO mail_thread (key, root, last, subject) VALUES ($1, $2, $3, $4)
       ON CONFLICT (digest_of(key)) DO UPDATE SET root = excluded.root, last = excluded.last, subject = excluded.subject`,
      [key, root, last, subject],
    );
  },

  async getInvite(uid: string) {
    const [invite] = await database.query<SentInvite>(
      'SELECT sequence, delivery, version, stamp, method, times FROM invite WHERE digest_of(uid) = digest_of($1)',
      [uid],
    );
    return invite;
  },

  async saveInvite(uid: string, { sequence, delivery, version, stamp, method, times }: SentInvite) {
    await database.query(
      `INSERT INTO invite (uid, sequence, delivery, version, stamp, method, times) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (digest_of(uid)) DO UPDATE SET sequence = excluded.sequence, delivery = excluded.delivery,
         version = excluded.version, stamp = excluded.stamp, method = excluded.method, times = excluded.times`,
      [uid, sequence, delivery, version, stamp, method, times],
    );
  },

  async refusedAddress(address: string) {
    const [refused] = await database.query<RefusedAddress>(`${REFUSED} WHERE digest_of(address) = digest_of($1)`, [
      address.toLowerCase(),
    ]);
    return refused;
  },

  async refuseAddress({ address, at, code, message }: RefusedAddress) {
    await database.query(
      `INSERT INTO refused_address (address, at, code, message) VALUES ($1, $2, $3, $4)
       ON CONFLICT (digest_of(address)) DO UPDATE SET at = excluded.at, code = excluded.code, message = excluded.message`,
      [address.toLowerCase(), at, code, message],
    );
  },

  refusedAddresses: ({ limit, offset }: Page): Promise<RefusedAddress[]> =>
    database.query(`${REFUSED} ORDER BY at DESC, address COLLATE "C" LIMIT $1 OFFSET $2`, [limit, offset]),

  async allowAddress(address: string) {
    const allowed = await database.query(
      'DELETE FROM refused_address WHERE digest_of(address) = digest_of($1) RETURNING at',
      [address.toLowerCase()],
    );
    return allowed.length > 0;
  },

  async registered(eventId: string, after: string, limit: number): Promise<Resource[]> {
    // Ordered by the beginning of the id first, as the index is, which can hold no more.
    const rows = await database.query<ResourceRow>(
      `SELECT ${RESOURCE_COLUMNS} FROM resource r
       WHERE r.kind = 'registration' AND digest_of(r.event_id) = digest_of($1)
         AND left(r.id, 64) COLLATE "C" >= left($2, 64) AND r.id COLLATE "C" > $2
       ORDER BY left(r.id, 64) COLLATE "C", r.id COLLATE "C" LIMIT $3`,
      [eventId, after, limit],
    );
    return rows.map(toResource);
  },
});
