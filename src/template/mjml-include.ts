import type { Problem } from '../core/problem.ts';

export type Files = Readonly<Record<string, string>>;

/** A line of a file of the folder; lines count from one. */
export type Origin = { readonly file: string; readonly line: number };

/** MJML with its pieces in it, and for each of its lines where that was written. */
export type Expanded = { readonly text: string; readonly origins: readonly Origin[]; readonly problems: Problem[] };

const INCLUDE = /<mj-include\b[^>]*>(?:\s*<\/mj-include\s*>)?/g;
const PLAIN = /^<mj-include\s+path\s*=\s*(?:"(?:\.\/)?([^"]*)"|'(?:\.\/)?([^']*)')\s*\/?>/;

/** Far more than a mail has; pieces that double each other stop here rather than fill the memory. */
const MOST_PIECES = 500;

/**
 * Puts `<mj-include path="./_NAME.mjml" />` in: the text of that file of the same folder, as it stands, in place of the
 * tag. Pieces may include others. MJML's own include reads whatever file it is told to, so it stays switched off.
 */
export const expandIncludes = (file: string, source: string, files: Files): Expanded => {
  const problems: Problem[] = [];
  const lines: string[] = [];
  const origins: Origin[] = [];
  let pieces = 0;
  const add = (text: string, from: string, first: number): void => {
    for (const [index, line] of text.split('\n').entries()) {
      lines.push(line);
      origins.push({ file: from, line: first + index });
    }
  };
  const expand = (name: string, text: string, path: readonly string[]): void => {
    let rest = 0;
    let line = 1;
    for (const { 0: tag, index } of text.matchAll(INCLUDE)) {
      const before = text.slice(rest, index);
      add(before, name, line);
      line += before.split('\n').length - 1;
      const [all, double, single] = PLAIN.exec(tag) ?? [];
      const piece = double ?? single ?? '';
      const content = Object.hasOwn(files, piece) ? files[piece] : undefined;
      const wrong = all === undefined ? FORM : whyNot(piece, content, path, pieces);
      if (wrong !== undefined) problems.push({ severity: 'error', file: name, line, message: wrong });
      else {
        pieces += 1;
        expand(piece, content ?? '', [...path, piece]);
      }
      line += tag.split('\n').length - 1;
      rest = index + tag.length;
    }
    add(text.slice(rest), name, line);
  };
  expand(file, source, [file]);
  return { text: lines.join('\n'), origins, problems };
};

const FORM = 'mj-include is written as <mj-include path="./_NAME.mjml" />, with a file of this folder and nothing more';

const whyNot = (
  piece: string,
  content: string | undefined,
  path: readonly string[],
  pieces: number,
): string | undefined => {
  if (content === undefined || !piece.endsWith('.mjml')) return `there is no "${piece}" in this folder to include`;
  if (path.includes(piece)) return `"${piece}" includes itself: ${[...path, piece].join(' → ')}`;
  return pieces >= MOST_PIECES ? `includes over ${MOST_PIECES} pieces` : undefined;
};
