import { isChannelId, isChannelName, isUserId } from '../core/slack-id.ts';

/*
 * Checks of what a rule's fields render to. Data is part of it, so a value is never repeated in a problem.
 */

/** A usable value, or why it is none: `is not …`. */
export type Checked = { readonly value: string } | { readonly problem: string };

const LOCAL_PART = /^[^\s\p{C}"(),:;<>@[\\\]]{1,64}$/u;
const DOMAIN =
  /^(?=.{1,253}$)[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?)*$/u;

/**
 * Exactly one mail address: what RFC 5321 allows, without its quoted local parts and address literals, at most 254
 * characters (RFC 5321 §4.5.3.1.3). Letters of any script pass (RFC 6531).
 */
export const mailAddress = (text: string): Checked => {
  const address = text.trim();
  const at = address.lastIndexOf('@');
  return at > 0 && address.length <= 254 && LOCAL_PART.test(address.slice(0, at)) && DOMAIN.test(address.slice(at + 1))
    ? { value: address }
    : { problem: 'is not one mail address like john@example.com' };
};

/** A channel's name, with its #, or the id of a channel or person. */
export const slackChannel = (text: string): Checked => {
  const channel = text.trim();
  if (isChannelId(channel) || isUserId(channel)) return { value: channel };
  return isChannelName(channel)
    ? { value: channel.startsWith('#') ? channel : `#${channel}` }
    : { problem: 'is no channel; write a name like #bookings or an id like C0123ABCD' };
};

/** The name of a .csv file directly in the folder of the sheets. */
export const sheetFile = (text: string): Checked => {
  const file = text.trim();
  if (!/\.csv$/i.test(file)) return { problem: 'does not end in .csv; write a name like bookings.csv' };
  return /^[\p{L}\p{N}_][^/\\:*?"<>|\p{C}]*$/u.test(file) && Buffer.byteLength(file) <= 200
    ? { value: file }
    : { problem: 'is no plain file name; write one like bookings.csv, without a folder' };
};

/** The name of a tab, as Google Sheets takes it: at most 100 characters. */
export const sheetTab = (text: string): Checked => {
  const tab = oneLine(text);
  return tab !== '' && tab.length <= 100
    ? { value: tab.toWellFormed() }
    : { problem: 'is no name of a tab: it takes 1 to 100 characters' };
};

/** Text on one line, without control characters. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
