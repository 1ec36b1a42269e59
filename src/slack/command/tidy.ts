import { INVISIBLE } from '../../template/invisible.ts';

/** Longer than Slack lets anybody type. */
const LONGEST = 8_000;

/**
 * Normalizes typed text to what was meant: one line with single spaces and straight quotes. Slack's clients turn quotes and
 * dashes into typographic ones and addresses into links, and Slack escapes `&`, `<` and `>` as entities.
 */
export const tidy = (typed: string): string =>
  typed
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(INVISIBLE, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_, target: string, label?: string) => linkText(target, label))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/[\u201c-\u201f\u00ab\u00bb\u2033]/g, '"')
    .replace(/[\u2018-\u201b\u2032]/g, "'")
    // A dash at the start of a word is the minus of a filter; elsewhere it may be part of a title.
    .replace(/(^| )[\u2010-\u2015\u2212](?=\S)/g, '$1-')
    .trim();

/** The text of a link that Slack made by itself, such as `<mailto:john@example.com|john@example.com>`. */
const linkText = (target: string, label: string | undefined): string => {
  const sign = /^[@#]/.exec(target)?.[0] ?? '';
  return label ? `${sign}${label}` : target.replace(/^(?:mailto:|tel:|!)/, '');
};

/**
 * A word without what was pasted around it: backticks, quotes, brackets, emphasis, a full stop. An id may end with an
 * underscore: that is emphasis only where the word begins with one, too.
 */
export const bare = (word: string): string => {
  const [opening = ''] = /^[`"'<([{*_~]+/.exec(word) ?? [];
  const closing = opening.includes('_') ? /[`"'>)\]}*_~.,;:!?]+$/ : /[`"'>)\]}*~.,;:!?]+$/;
  return word.slice(opening.length).replace(closing, '');
};

/** A word as typed; one in double quotes may contain spaces. */
export type Word = { readonly text: string; readonly quoted: boolean };

/** Splits a tidied text into words, without quotes. An unclosed quote reaches to the end; `title:"Open day"` is one word. */
export const wordsOf = (text: string): Word[] =>
  [...text.matchAll(/(?:[^\s"]|"[^"]*(?:"|$))+/g)].map(([word]) => ({
    text: word.replaceAll('"', ''),
    quoted: word.includes('"'),
  }));

/** Typed text in quotation marks for use in a sentence, cut to 60 characters. */
export const quoted = (typed: string): string => {
  const characters = Array.from(typed);
  return `“${characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : typed}”`;
};
