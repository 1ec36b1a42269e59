import type { SendMailOptions } from 'nodemailer';
import type { DeliveryError } from '../../core/errors.ts';

/** One mail to one person, and copies to those who asked for them, ready to send. */
export type OutgoingMail = {
  /** Of the delivery: the same for each attempt at it. */
  readonly id: string;
  /** When what the mail tells of happened, in Unix milliseconds: the same for each attempt at it. */
  readonly at: number;
  readonly message: MailMessage;
};

/** What of nodemailer's message the bot uses. Addresses are objects, so that no name can become an address. */
export type MailMessage = Pick<
  SendMailOptions,
  'subject' | 'html' | 'text' | 'alternatives' | 'messageId' | 'inReplyTo' | 'headers' | 'xMailer'
> & {
  readonly from: MailAddress;
  readonly to: MailAddress;
  readonly replyTo?: MailAddress;
  /** Copies: the mail has arrived once `to` has it, whatever becomes of these. */
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
   * Hands over one mail. Resolves once it was accepted, with words for `why`; else throws a DeliveryError. When `signal`
   * is aborted it lets go at once, and the error says whether the mail may have been accepted.
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<MailAcceptance>;
  /** Lets mails under way finish, and refuses new ones. */
  close(): Promise<void>;
};

export type MailAcceptance = {
  readonly summary: string;
  readonly response?: string;
  /** The Message-ID that the server gave it in place of its own. */
  readonly messageId?: string;
  /** Copies that were not accepted: who, and why. */
  readonly refused?: readonly RefusedCopy[];
};

export type RefusedCopy = { readonly address: string; readonly error: DeliveryError };
