import width from 'string-width';

const graphemes = new Intl.Segmenter();

/** At most so many columns of a text without escape sequences, the last of them a `…` where some were left out. */
export const cut = (text: string, columns: number): string => {
  // No grapheme is looked at that can't be needed, whatever the length of the text.
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

/** Pads to so many columns; colours in the text take none. */
export const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)));

/**
 * Breaks a text at spaces into lines of at most so many columns, those after the first indented. Without columns (no
 * terminal) it stays one line; a word longer than a line is left whole, so that it can be copied.
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
