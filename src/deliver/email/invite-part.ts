import type { Invite } from './invite.ts';

/** A part of multipart/alternative, as nodemailer takes it. */
export type AlternativePart = { readonly contentType: string; readonly content: string };

/**
 * The mail's `alternatives`. nodemailer puts them after text and HTML, and programs act on the last part that they understand
 * (RFC 2046 §5.1.4). The method has to be in the content type too, or Outlook refuses it (RFC 6047 §2.4). There is no
 * attachment besides: Gmail adds an attached .ics as a new event instead of updating the existing one.
 */
export const inviteAlternatives = ({ method, text }: Pick<Invite, 'method' | 'text'>): AlternativePart[] => [
  { contentType: `text/calendar; charset=utf-8; method=${method}`, content: text },
];
