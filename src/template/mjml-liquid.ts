/*
 * MJML knows nothing of Liquid: it takes `{% if a < b %}` for a tag of its own, drops what stands between its elements,
 * and refuses a colour that is only known later. So while it compiles, each piece of Liquid is a mark: two characters that
 * no text has, with a number between them.
 */
const LIQUID =
  /\{%-?\s*comment\s*-?%\}[\s\S]*?\{%-?\s*endcomment\s*-?%\}|\{%-?\s*raw\s*-?%\}[\s\S]*?\{%-?\s*endraw\s*-?%\}|\{%[\s\S]*?%\}|\{\{[\s\S]*?\}\}/g;
const MARKS = /[\uE000\uE001]/g;
const MARK = /\uE000(\d+)\uE001/g;

export type Marked = {
  readonly text: string;
  readonly tokens: readonly LiquidToken[];
};
/** `line`: of the marked text, from one. */
export type LiquidToken = { readonly source: string; readonly line: number };

/** Puts a mark in the place of each tag and output; the lines of the text stay what they are. */
export const markLiquid = (source: string): Marked => {
  const tokens: LiquidToken[] = [];
  let line = 1;
  let seen = 0;
  const clean = source.replace(MARKS, '');
  const text = clean.replace(LIQUID, (token, offset: number) => {
    line += breaksIn(clean.slice(seen, offset));
    seen = offset;
    tokens.push({ source: token, line });
    return `\uE000${tokens.length - 1}\uE001${'\n'.repeat(breaksIn(token))}`;
  });
  return { text, tokens };
};

const breaksIn = (text: string): number => text.split('\n').length - 1;

/** Whether a message is about Liquid, in whose place MJML saw a mark. */
export const hasMark = (text: string): boolean => text.includes('\uE000');

/** A text with its Liquid back in it, and where each piece of it begins. */
export type Unmarked = {
  readonly text: string;
  readonly places: readonly { readonly at: number; readonly token: number }[];
};

export const unmark = (text: string, tokens: readonly LiquidToken[]): Unmarked => {
  const places: { at: number; token: number }[] = [];
  let made = '';
  let rest = 0;
  for (const match of text.matchAll(MARK)) {
    made += text.slice(rest, match.index);
    const token = Number(match[1]);
    places.push({ at: made.length, token });
    made += tokens[token]?.source ?? '';
    rest = match.index + match[0].length;
  }
  return { text: made + text.slice(rest), places };
};

/** The Liquid that MJML dropped, since it stood where MJML takes no text. */
export const lostLiquid = (text: string, tokens: readonly LiquidToken[]): LiquidToken[] => {
  const kept = new Set([...text.matchAll(MARK)].map(([, token]) => Number(token)));
  return tokens.filter((_, index) => !kept.has(index));
};
