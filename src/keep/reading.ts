/*
 * Texts as people read them, whatever they are spelt with: escapes, letters in capitals, letters in parts. What is found in
 * such a reading can be taken out of the text itself.
 */

/** What a text reads as; letter `index` of it stands in the text from `from[index]` up to, not including, `to[index]`. */
type Reading = { readonly text: string; readonly from: readonly number[]; readonly to: readonly number[] };

/** Letters that nobody sees, as soft hyphens and joiners (Unicode, Default_Ignorable_Code_Point). */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** A text in the one form that all its spellings share: compatible forms and capitals are alike (Unicode TR 15, NFKC). */
export const folded = (text: string): string =>
  text.normalize('NFKC').toLowerCase().normalize('NFKC').replace(UNSEEN, '').replaceAll('ς', 'σ');

/** A text as part of a pattern that matches it and nothing else. */
export const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** A letter with its marks; parts of Korean syllables are put together with one another. */
const LETTER = /(?:[\u1100-\u11ff]+|\P{M})\p{M}*|\p{M}+/gsu;

/** JSON's escapes, those of HTML, and one character in UTF-8 as a URL has it. */
const ESCAPE =
  /\\(?:u[0-9a-f]{4}|["\\/bfnrt])|&(?:#x[0-9a-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos|nbsp|commat);|%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}/gi;

/** Escaped letters in an escaped text: deeper nesting than this is nobody's. */
const LEVELS = 3;

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  commat: '@',
};

const fromCode = (digits: string, radix: number): string => {
  const code = Number.parseInt(digits, radix);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
};

const unescaped = (sign: string): string => {
  if (sign.startsWith('%')) return Buffer.from(sign.replaceAll('%', ''), 'hex').toString('utf8');
  if (sign.startsWith('\\')) {
    if (/^\\u/i.test(sign)) return String.fromCharCode(Number.parseInt(sign.slice(2), 16));
    return '"\\/'.includes(sign.slice(1)) ? sign.slice(1) : ' ';
  }
  const name = sign.slice(1, -1).toLowerCase();
  if (name.startsWith('#x')) return fromCode(name.slice(2), 16);
  return name.startsWith('#') ? fromCode(name.slice(1), 10) : (NAMED[name] ?? ' ');
};

/** The text, and where it has escapes, what it is without them, level by level. */
const levelsOf = (text: string): string[] => {
  const levels = [text];
  for (let level = text; levels.length <= LEVELS && /[\\&%]/.test(level); levels.push(level)) {
    const next = level.replace(ESCAPE, unescaped);
    if (next === level) break;
    level = next;
  }
  return levels;
};

/** All that a text reads as, folded. */
export const readingsOf = (text: string): string[] => levelsOf(text).map(folded);

/** What a reading becomes where each match of `pattern` reads as something else; what lies between stays. */
const rewritten = (reading: Reading, pattern: RegExp, change: (match: string) => string): Reading => {
  let text = '';
  const from: number[] = [];
  const to: number[] = [];
  let at = 0;
  const copy = (end: number): void => {
    text += reading.text.slice(at, end);
    for (; at < end; at += 1) {
      from.push(reading.from[at] ?? 0);
      to.push(reading.to[at] ?? 0);
    }
  };
  for (const { 0: match, index } of reading.text.matchAll(pattern)) {
    copy(index);
    at = index + match.length;
    const changed = change(match);
    text += changed;
    for (let unit = 0; unit < changed.length; unit += 1) {
      from.push(reading.from[index] ?? 0);
      to.push(reading.to[at - 1] ?? 0);
    }
  }
  copy(reading.text.length);
  return { text, from, to };
};

/** A text with `mark` in place of all that matches `pattern` (global) in one of its readings. */
export const withoutMatches = (text: string, pattern: RegExp, mark: string): string => {
  const places = Array.from({ length: text.length }, (_, index) => index);
  let reading: Reading = { text, from: places, to: places.map((place) => place + 1) };
  const spans: { from: number; to: number }[] = [];
  for (const _ of levelsOf(text)) {
    const read = rewritten(reading, LETTER, folded);
    for (const { 0: match, index } of read.text.matchAll(pattern)) {
      spans.push({ from: read.from[index] ?? 0, to: read.to[index + match.length - 1] ?? 0 });
    }
    reading = rewritten(reading, ESCAPE, unescaped);
  }
  let left = '';
  let at = 0;
  for (const { from, to } of spans.sort((one, other) => one.from - other.from)) {
    if (from >= at) left += text.slice(at, from) + mark;
    at = Math.max(at, to);
  }
  return left + text.slice(at);
};
