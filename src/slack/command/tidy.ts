import { INVISIBLE } from '../../template/invisible.ts';

/** More than Slack lets anybody type. */
const LONGEST = 8_000;

/**
 * What somebody typed, as they meant it: one line with single spaces and straight quotes. Slack's clients turn quotes and
 * dashes into pretty ones and addresses into links, and Slack writes `&`, `<` and `>` as entities.
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
    // A minus in front of a filter; elsewhere a dash may be part of a title.
    .replace(/(^| )[\u2010-\u2015\u2212](?=\S)/g, '$1-')
    .trim();

/** A link's text: Slack makes `<http://example.com|example.com>` and `<mailto:john@example.com|john@example.com>` by itself. */
const linkText = (target: string, label: string | undefined): string => {
  const sign = /^[@#]/.exec(target)?.[0] ?? '';
  return label ? `${sign}${label}` : target.replace(/^(?:mailto:|tel:|!)/, '');
};

/** A word without what was pasted around it: backticks, quotes, brackets, emphasis, a full stop. */
export const bare = (word: string): string => word.replace(/^[`"'<([{*_~]+|[`"'>)\]}*_~.,;:!?]+$/g, '');

/** A word as typed; in double quotes it may hold spaces. */
export type Word = { readonly text: string; readonly quoted: boolean };

/** The words of a tidied text. A quote that nobody closed reaches to the end. `title:"Open day"` is one word without quotes. */
export const wordsOf = (text: string): Word[] =>
  [...text.matchAll(/(?:[^\s"]|"[^"]*(?:"|$))+/g)].map(([word]) => ({
    text: word.replaceAll('"', ''),
    quoted: word.includes('"'),
  }));

/** What somebody typed, to be named in a sentence. */
export const quoted = (typed: string): string => {
  const characters = Array.from(typed);
  return `“${characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : typed}”`;
};
