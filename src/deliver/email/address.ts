import { domainToASCII } from 'node:url';
import addressparser from 'nodemailer/lib/addressparser';
import { oneLine, shorten } from '../../template/filters.ts';
import type { MailAddress } from './transport.ts';

// RFC 5321 without quoted local parts and address literals, which nothing that books needs and which have misled parsers
// before. Letters of any script pass (RFC 6531); control, direction and unassigned characters do not.
const PART = String.raw`[^\s\p{C}"(),:;<>@[\\\]]`;
const ADDRESS = new RegExp(`^(${PART}{1,64})@(${PART}{1,253})$`, 'u');

/** RFC 5321 §4.5.3.1.3: a path is at most 256 octets, two of them the brackets. */
const LONGEST_ADDRESS = 254;

/** Whether text is exactly one bare mail address like john@example.com. */
export const isMailAddress = (text: string): boolean => text.length <= LONGEST_ADDRESS && ADDRESS.test(text);

/** A name and an address, as nodemailer takes them; the name on one line, and short enough to be one. */
export const mailAddress = (address: string, name = ''): MailAddress => ({
  name: shorten(oneLine(name), 100),
  address,
});

/** Reads `Studio <bookings@example.com>` or a bare address; undefined where it is not exactly one address. */
export const parseMailbox = (text: string): MailAddress | undefined => {
  const [only, ...others] = addressparser(oneLine(text), { flatten: true });
  if (!only?.address || others.length > 0 || !isMailAddress(only.address)) return undefined;
  return mailAddress(only.address, only.name);
};

/** The part after the @, in the ASCII form that may stand in a Message-ID. */
export const domainOf = (address: string): string => {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return domainToASCII(domain) || 'localhost';
};
