import type { SlackLink } from './library.ts';
import { mrkdwn } from './mrkdwn.ts';
import { LIMITS } from './slack-schema.ts';

/**
 * An http(s) address as Slack takes it, undefined where the text is none. Slack refuses a whole message for one address
 * that is none; a part without it is better than no message.
 */
export const webAddress = (text: string): string | undefined => {
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null;
  return url && url.href.length <= LIMITS.url ? url.href : undefined;
};

const LONGEST_HOST = 40;

/**
 * A link that says where it leads, since the address may be somebody else's: `Open (meet.example.com)`. Of a long host the
 * end is shown, which says whose it is. undefined where there is no address, or one with a login in it, which only misleads.
 */
export const linkTo = (address: string, text: string): SlackLink | undefined => {
  const href = webAddress(address);
  const url = href === undefined ? null : URL.parse(href);
  if (url?.username !== '' || url.password !== '') return undefined;
  const host = url.hostname.length > LONGEST_HOST ? `…${url.hostname.slice(1 - LONGEST_HOST)}` : url.hostname;
  const room = LIMITS.button - host.length - 3;
  return { text: `${text.slice(0, room).toWellFormed().trim() || 'Open'} (${host})`, url: url.href };
};

/** The same for `mrkdwn`, where a button would be dead because nobody answers its click. */
export const linkToken = ({ text, url }: SlackLink): string =>
  `<${url.replace(/[<>|]/g, encodeURIComponent).replaceAll('&', '&amp;')}|${mrkdwn(text).replaceAll('|', '/')}>`;
