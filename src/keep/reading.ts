/*
 * Texts as people read them, however they are written: with escapes, in capitals, in composed or decomposed letters. A match in
 * such a reading is mapped back to its place in the original text, and can be removed there.
 */

/** What a text reads as; its code unit `index` comes from the original text's `from[index]` up to, not including, `to[index]`. */
type Reading = { readonly text: string; readonly from: readonly number[]; readonly to: readonly number[] };

/** Invisible characters, such as soft hyphens and joiners (Unicode, Default_Ignorable_Code_Point). */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** The canonical form of all spellings of a text: case-insensitive, compatibility forms unified (NFKC, Unicode UAX #15). */
export const folded = (text: string): string =>
  text.normalize('NFKC').toLowerCase().normalize('NFKC').replace(UNSEEN, '').replaceAll('ς', 'σ');

/** A text escaped for use in a regular expression. */
export const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** A character with its combining marks; the jamo of Korean syllables stay together, since NFKC composes them. */
const LETTER = /(?:[\u1100-\u11ff]+|\P{M})\p{M}*|\p{M}+/gsu;

/** The escapes of JSON and HTML, and one percent-encoded UTF-8 character. */
const ESCAPE =
  /\\(?:u[0-9a-f]{4}|["\\/bfnrt])|&(?:#x[0-9a-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos|nbsp|commat);|%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}/gi;

/** How deeply escapes may nest, as JSON within JSON does. */
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

/** The text, followed by the text with its escapes resolved once, twice and so on. */
const levelsOf = (text: string): string[] => {
  const levels = [text];
  for (let level = text; levels.length <= LEVELS && /[\\&%]/.test(level); levels.push(level)) {
    const next = level.replace(ESCAPE, unescaped);
    if (next === level) break;
    level = next;
  }
  return levels;
};

/** All readings of a text, folded. */
export const readingsOf = (text: string): string[] => levelsOf(text).map(folded);

/** A reading with each match of `pattern` replaced; positions still refer to the original text. */
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

/** A text with `mark` in place of everything that matches `pattern` (a global one) in any of its readings. */
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
