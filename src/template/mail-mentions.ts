import type { Problem } from '../core/problem.ts';
import type { Files } from './mjml-include.ts';
import { markLiquid } from './mjml-liquid.ts';

/** A field of the view that a mail template names, `data.title`, and where. */
export type Mention = { readonly path: string; readonly file: string; readonly line: number };

const ROOTS = 'data|changed_from|when|moved_from|schedule|event|registration|settings';
const MENTION = new RegExp(`(?<![\\w.-])(?:${ROOTS})(?:\\.[A-Za-z_]\\w*)+`, 'g');

/** The fields that the files of a folder name, shared pieces and front matter included; each once a file. */
export const mentionsIn = (files: Files): Mention[] => {
  const found = liquidOf(files).flatMap(({ source, file, line }) =>
    [...source.matchAll(MENTION)].map(({ 0: path, index }) => ({ path, file, line: line + breaks(source, index) })),
  );
  return [...new Map(found.toReversed().map((each) => [`${each.file}\n${each.path}`, each])).values()].toReversed();
};

const RAW = /\|\s*raw\s*-?\}\}$/;
const ESCAPED = /\|\s*(?:escape|escape_once|xml_escape|url_encode)\b/;

/** Where a mail would hold what an attendee typed as the HTML that they typed. */
export const rawProblems = (files: Files): Problem[] => {
  const liquid = liquidOf(files).filter(({ file }) => !file.endsWith('.txt'));
  return liquid.flatMap(({ source, file, line }): Problem[] => {
    if (!RAW.test(source) || ESCAPED.test(source)) return [];
    const [data] = /(?<![\w.-])(?:data|changed_from|event|registration)[.[][\w.]*/.exec(source) ?? [];
    if (data === undefined) return [];
    const message = `${data} goes into the mail as HTML, also what strangers wrote: leave out "| raw", or put "| escape" before it`;
    return [{ severity: 'warning', file, line, message }];
  });
};

type Piece = { readonly source: string; readonly file: string; readonly line: number };

/** Each tag and output but comments and raw text, with blanks in place of texts in quotes. */
const liquidOf = (files: Files): Piece[] =>
  Object.entries(files).flatMap(([file, content]) =>
    markLiquid(content)
      .tokens.filter(({ source }) => !/^\{%-?\s*(?:comment|raw)\b/.test(source))
      .map(({ source, line }) => ({ source: source.replace(/"[^"]*"|'[^']*'/g, blank), file, line })),
  );

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

const breaks = (text: string, end: number): number => text.slice(0, end).split('\n').length - 1;
