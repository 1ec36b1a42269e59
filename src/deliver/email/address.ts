import { domainToASCII } from 'node:url';
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

/**
 * Text for a header field: one line, shortened. Mail programs would decode an encoded word (RFC 2047) that somebody typed,
 * line breaks included, so the start of one is broken up.
 */
export const headerText = (text: string, most: number): string => shorten(oneLine(text), most).replaceAll('=?', '= ?');

/** A name and an address, as nodemailer takes them. */
export const mailAddress = (address: string, name = ''): MailAddress => ({ name: headerText(name, 100), address });

/**
 * Reads `Studio <bookings@example.com>`, its name quoted or not, or a bare address; undefined where it is anything else.
 * Stricter than RFC 5322, so that a rendered name can't bring an address of its own.
 */
export const parseMailbox = (text: string): MailAddress | undefined => {
  const [, name = '', bracketed, bare] = /^(?:([^<>@]*)<([^<>]*)>|([^<>]*))$/.exec(oneLine(text)) ?? [];
  const address = bracketed ?? bare ?? '';
  return isMailAddress(address) ? mailAddress(address, name.trim().replace(/^"(.*)"$/, '$1')) : undefined;
};

/** The part after the @, in the ASCII form that may stand in a Message-ID. */
export const domainOf = (address: string): string => {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return domainToASCII(domain) || 'localhost';
};
