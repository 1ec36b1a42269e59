import type { SendMailOptions } from 'nodemailer';
import type { DeliveryError } from '../../core/errors.ts';

/** One mail to one person, and copies to those who asked for them, ready to send. */
export type OutgoingMail = {
  /** The delivery's id, the same for each attempt. */
  readonly id: string;
  /** When the webhook's change happened, in Unix milliseconds; the same for each attempt. */
  readonly at: number;
  readonly message: MailMessage;
};

/** The part of nodemailer's message that the bot uses. Addresses are objects, so that no name is parsed as an address. */
export type MailMessage = Pick<
  SendMailOptions,
  'subject' | 'html' | 'text' | 'alternatives' | 'messageId' | 'inReplyTo' | 'headers' | 'xMailer'
> & {
  readonly from: MailAddress;
  readonly to: MailAddress;
  readonly replyTo?: MailAddress;
  /** Copies, best effort: the mail counts as sent once `to` is accepted. */
  readonly cc?: MailAddress[];
  readonly bcc?: MailAddress[];
  readonly subject: string;
  readonly messageId: string;
  readonly references?: string[];
};

export type MailAddress = { readonly name: string; readonly address: string };

/** Where composed mails go: an SMTP server, or the outbox folder. */
export type MailTransport = {
  /**
   * Sends one mail. Resolves once it was accepted, with a summary for `why`; else rejects with a DeliveryError. Gives up as
   * soon as `signal` is aborted; the error then says whether the mail may have been accepted.
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<MailAcceptance>;
  /** Lets mails under way finish, and refuses new ones. */
  close(): Promise<void>;
};

export type MailAcceptance = {
  readonly summary: string;
  readonly response?: string;
  /** The Message-ID by which the server replaced the original. */
  readonly messageId?: string;
  /** Copies that were not accepted: who, and why. */
  readonly refused?: readonly RefusedCopy[];
};

export type RefusedCopy = { readonly address: string; readonly error: DeliveryError };
