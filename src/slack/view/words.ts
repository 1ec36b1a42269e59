import { mrkdwn, plainText } from '../../template/mrkdwn.ts';
import { cut } from '../../template/slack-fit.ts';

/*
 * How data becomes part of a text. What views write themselves is mrkdwn; whatever else somebody may have typed passes
 * through `said` or `code`, and through `plain` where Slack parses nothing.
 */

/** Long enough for any name, address or title that is one; what is longer is cut and can be seen with `show`. */
const SHORT = 120;

/** Letters written from right to left, which would turn what stands beside them around. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A value for mrkdwn, escaped, on one line, in at most `most` UTF-16 units. */
export const said = (value: unknown, most = SHORT): string => isolated(cut(mrkdwn(value), most));

/** A value for plain_text, on one line, in at most `most` UTF-16 units. */
export const plain = (value: unknown, most = SHORT): string => isolated(cut(plainText(value), most));

/**
 * A value in a monospaced font, as ids and commands are, ready to be copied; nothing where there is nothing. Slack reads no
 * formatting in it, so that only what could end it, or begin a mention or link, has to give way.
 */
export const code = (value: unknown, most = SHORT): string => {
  // Without the signs that keep a direction to itself: they would be copied along.
  const text = cut(verbatim(value), most);
  return text === '' ? '' : `\`${text}\``;
};

/** A value that has to be told as it is, such as a condition: monospaced where its signs would be read as formatting. */
export const exact = (value: unknown, most = SHORT): string =>
  mrkdwn(value) === verbatim(value) ? said(value, most) : code(value, most);

const verbatim = (value: unknown): string =>
  plainText(value)
    .replaceAll('`', 'ˋ')
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Bold, of a text that is mrkdwn already. */
export const bold = (text: string): string => (text === '' ? '' : `*${text}*`);

export const struck = (text: string): string => (text === '' ? '' : `~${text}~`);

/** The parts that are there, with a dot in between. */
export const joined = (...parts: readonly (string | null | undefined | false)[]): string =>
  parts.filter(Boolean).join(' · ');

/** `1 action`, `2 actions`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** With the first letter in upper case. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Between the signs that keep a direction of writing to itself (https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates). */
const isolated = (text: string): string => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);
