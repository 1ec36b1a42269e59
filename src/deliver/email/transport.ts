import type { SendMailOptions } from 'nodemailer';

/** One mail to one person, ready to send. */
export type OutgoingMail = {
  /** Of the delivery: the same for each attempt at it. */
  readonly id: string;
  /** When what the mail tells of happened, in Unix milliseconds: the same for each attempt at it. */
  readonly at: number;
  readonly message: MailMessage;
};

/** What of nodemailer's message the bot uses. Addresses are objects, so that no name can become an address. */
export type MailMessage = Pick<SendMailOptions, 'subject' | 'html' | 'text' | 'messageId' | 'headers' | 'xMailer'> & {
  readonly from: MailAddress;
  readonly to: MailAddress;
  readonly replyTo?: MailAddress;
  readonly subject: string;
  readonly messageId: string;
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

export type MailAcceptance = { readonly summary: string; readonly response?: string };
