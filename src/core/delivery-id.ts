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
