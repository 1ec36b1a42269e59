import { compile } from 'html-to-text';

const line = { leadingLineBreaks: 1, trailingLineBreaks: 1 };

const convert = compile({
  wordwrap: false,
  baseElements: { selectors: ['body'] },
  selectors: [
    // The preview line is for lists of mails.
    { selector: '[style^="display:none"]', format: 'skip' },
    { selector: 'img', format: 'skip' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false, linkBrackets: ['(', ')'] } },
    ...['h1', 'h2', 'h3', 'h4'].map((selector) => ({ selector, options: { uppercase: false } })),
    // Tables make the look; in text, what stood beside each other goes one below the other.
    ...['tr', 'td'].map((selector) => ({ selector, format: 'block', options: line })),
  ],
});

/**
 * The text part of a mail's HTML. It is made of templates, once, when they are loaded: doing it for each mail would take
 * three times as long as all the rest, and text that data was escaped into would have to be unescaped.
 */
export const textOfHtml = (html: string): string => convert(html);
