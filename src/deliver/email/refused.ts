import { DeliveryError } from '../../core/errors.ts';
import type { MailStore } from '../../store/ports.ts';
import { UNKNOWN_ADDRESS } from './classify.ts';
import { readSmtpFailure } from './smtp-failure.ts';

type Refusals = Pick<MailStore, 'refusedAddress' | 'refuseAddress'>;

/** Stores an address that a server refused as unknown; refusals for any other reason are ignored. */
export const rememberRefusal = async (store: Refusals, address: string, error: unknown, now: number): Promise<void> => {
  if (!(error instanceof DeliveryError) || error.code !== UNKNOWN_ADDRESS) return;
  await store.refuseAddress({ address, at: now, code: error.code, message: inBrief(error) });
};

/** Throws a permanent DeliveryError for an address that was refused as unknown: retrying harms the sender's reputation. */
export const requireUsable = async (store: Refusals, address: string): Promise<void> => {
  const refused = await store.refusedAddress(address);
  if (!refused) return;
  const day = new Date(refused.at).toISOString().slice(0, 10);
  throw new DeliveryError(
    'refused_address',
    `Not sent: on ${day} the mail server said that there is no such address: ${refused.message}. Correct it where it ` +
      'comes from. If it exists by now, retry: that tries it once more. `npm run cli -- addresses` lists all such ' +
      'addresses.',
    { verdict: 'permanent' },
  );
};

/** The server's reply, else the first sentence of the message, which leaves out the remedy. */
export const inBrief = (error: DeliveryError): string =>
  (readSmtpFailure(error.cause).reply || error.message.replace(/\. .*$/s, '')).replace(/\.$/, '');
