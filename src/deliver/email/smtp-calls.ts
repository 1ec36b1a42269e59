import { DeliveryError, messageOf, type Verdict } from '../../core/errors.ts';
import { readSmtpFailure } from './smtp-failure.ts';
import type { MailAcceptance, OutgoingMail } from './transport.ts';

/*
 * The messages between the main thread and the one that sends mails. Errors travel as plain fields, since structured cloning
 * loses their class.
 */

/** `stop` aborts an attempt; `close` comes after the last mail. */
export type SmtpCall =
  | { readonly does: 'send'; readonly call: number; readonly mail: OutgoingMail }
  | { readonly does: 'stop'; readonly call: number }
  | { readonly does: 'close' };

export type SmtpAnswer =
  | { readonly call: number; readonly accepted: CrossingAcceptance }
  | { readonly call: number; readonly failed: CrossingError };

type CrossingAcceptance = Omit<MailAcceptance, 'refused'> & {
  readonly refused: readonly { readonly address: string; readonly error: CrossingError }[];
};

type CrossingError = {
  readonly code: string;
  readonly message: string;
  readonly verdict: Verdict;
  readonly retryAfterMs?: number;
  readonly unclear: boolean;
  /** What the server said, where it said anything. */
  readonly reply: string;
};

export const packAcceptance = ({ refused = [], ...rest }: MailAcceptance): CrossingAcceptance => ({
  ...rest,
  refused: refused.map(({ address, error }) => ({ address, error: packError(error) })),
});

export const unpackAcceptance = ({ refused, ...rest }: CrossingAcceptance): MailAcceptance => ({
  ...rest,
  ...(refused.length > 0 && {
    refused: refused.map(({ address, error }) => ({ address, error: unpackError(error) })),
  }),
});

/** An unexpected error leaves it unclear whether the mail was accepted. */
export const packError = (error: unknown): CrossingError =>
  error instanceof DeliveryError
    ? {
        code: error.code,
        message: error.message,
        verdict: error.verdict,
        unclear: error.unclear,
        reply: readSmtpFailure(error.cause).reply,
        ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
      }
    : {
        code: 'internal',
        message: `Unexpected failure: ${messageOf(error)}`,
        verdict: 'retry',
        unclear: true,
        reply: '',
      };

export const unpackError = ({ code, message, reply, ...options }: CrossingError): DeliveryError =>
  new DeliveryError(code, message, { ...options, ...(reply && { cause: { response: reply } }) });
