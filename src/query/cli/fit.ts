import width from 'string-width';

const graphemes = new Intl.Segmenter();

/** Cuts a text without escape sequences to so many columns, the last of them a `…` if something was left out. */
export const cut = (text: string, columns: number): string => {
  // Measuring a text takes time in proportion to its length, so one that is far too long is never measured as a whole.
  if (text.length <= columns * 20 && width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const more = width(segment);
    if (used + more > columns - 1) break;
    kept += segment;
    used += more;
    if (kept.length > columns * 20) break;
  }
  return columns < 1 ? '' : `${kept.trimEnd()}…`;
};

/** Pads to so many columns; colour sequences in the text count as none. */
export const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)));

/**
 * Breaks a text at spaces into lines of at most so many columns, and indents those after the first. Without `columns` (no
 * terminal) it stays one line. A word longer than a line is not broken, so that it can be copied.
 */
export const wrap = (text: string, columns: number | undefined, indent: number): string => {
  if (columns === undefined || width(text) <= columns) return text;
  const [start = ''] = /^ */.exec(text) ?? [];
  const lines: string[] = [];
  let line = start;
  let used = start.length;
  let empty = true;
  for (const word of text.slice(start.length).split(' ')) {
    const more = width(word);
    if (!empty && used + 1 + more > columns) {
      lines.push(line.trimEnd());
      line = ' '.repeat(indent);
      used = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    used += empty ? more : more + 1;
    empty = false;
  }
  return [...lines, line].join('\n');
};
