import { mrkdwn, plainText } from '../../template/mrkdwn.ts';
import { cut } from '../../template/slack-fit.ts';

/*
 * How data gets into a text. The views' own text is mrkdwn. Anything that somebody may have typed has to pass through `said`,
 * `code` or `exact`, which escape it, and through `plain` where Slack parses nothing.
 */

/** Long enough for any real name, address or title; anything longer is cut. */
const SHORT = 120;

/** Letters of right-to-left scripts, which would reverse the text beside them. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A value for mrkdwn, escaped, on one line, in at most `most` UTF-16 units. */
export const said = (value: unknown, most = SHORT): string => isolated(cut(mrkdwn(value), most));

/** A value for plain_text, on one line, in at most `most` UTF-16 units. */
export const plain = (value: unknown, most = SHORT): string => isolated(cut(plainText(value), most));

/**
 * A value as inline code, for ids and commands that are copied; empty for an empty value. Slack parses no formatting in code,
 * so only what could end it, or begin a mention or link, is escaped or replaced.
 */
export const code = (value: unknown, most = SHORT): string => {
  // Without directional isolates, which would be copied along.
  const text = cut(verbatim(value), most);
  return text === '' ? '' : `\`${text}\``;
};

/** A value that has to be exact, such as a condition: as code if its characters would be parsed as formatting. */
export const exact = (value: unknown, most = SHORT): string =>
  mrkdwn(value) === verbatim(value) ? said(value, most) : code(value, most);

const verbatim = (value: unknown): string =>
  plainText(value)
    .replaceAll('`', 'ˋ')
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Makes a mrkdwn text bold. */
export const bold = (text: string): string => (text === '' ? '' : `*${text}*`);

/** Strikes a mrkdwn text through. */
export const struck = (text: string): string => (text === '' ? '' : `~${text}~`);

/** Joins the parts that are not empty with a dot. */
export const joined = (...parts: readonly (string | null | undefined | false)[]): string =>
  parts.filter(Boolean).join(' · ');

/** `1 action`, `2 actions`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** The text with its first letter in upper case. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Wraps right-to-left text in directional isolates (https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates). */
const isolated = (text: string): string => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);
