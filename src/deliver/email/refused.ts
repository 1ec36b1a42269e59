import { DeliveryError } from '../../core/errors.ts';
import type { MailStore } from '../../store/ports.ts';
import { UNKNOWN_ADDRESS } from './classify.ts';

type Refusals = Pick<MailStore, 'refusedAddress' | 'refuseAddress'>;

/** Remembers an address of which a server said that there is none; anything else it may refuse is left alone. */
export const rememberRefusal = async (store: Refusals, address: string, error: unknown, now: number): Promise<void> => {
  if (!(error instanceof DeliveryError) || error.code !== UNKNOWN_ADDRESS) return;
  await store.refuseAddress({ address, at: now, code: error.code, message: error.message });
};

/** Throws a permanent DeliveryError for an address that was refused before: asking again and again harms the sender's name. */
export const requireUsable = async (store: Refusals, address: string): Promise<void> => {
  const refused = await store.refusedAddress(address);
  if (!refused) return;
  const day = new Date(refused.at).toISOString().slice(0, 10);
  throw new DeliveryError(
    'refused_address',
    `Not sent: since ${day} this address counts as one that does not exist. ${refused.message} A retry of this mail ` +
      'tries the address once more; `npm run cli -- addresses` lists those that are refused.',
    { verdict: 'permanent' },
  );
};
