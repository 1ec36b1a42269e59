import { hash } from 'node:crypto';

/**
 * The same for the same webhook, rule, action and recipient, so that planning twice can't plan two. Of a later run it is
 * the first one's id with a digest of the run behind an underscore.
 */
export const deliveryId = (parts: readonly (string | number)[], run?: string): string => {
  const first = `dl_${hash('sha256', JSON.stringify(parts), 'hex').slice(0, 20)}`;
  return run === undefined ? first : `${first}_${hash('sha256', run, 'hex').slice(0, 8)}`;
};

/** The id that a delivery of any run has in common with those of all other runs. */
export const firstIdOf = (id: string): string => /^dl_[^_]+/.exec(id)?.[0] ?? id;

/**
 * The suffix that makes the id of a follow-up out of the id of the delivery it follows. A mail to everyone registered has a
 * follow-up where not all registrations were known in time.
 */
export const FOLLOW_UP = '_later';

/** The id of the delivery that a follow-up follows; the id itself where it is no follow-up. */
export const followedId = (id: string): string => (id.endsWith(FOLLOW_UP) ? id.slice(0, -FOLLOW_UP.length) : id);
