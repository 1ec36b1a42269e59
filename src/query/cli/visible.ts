/** Characters that a terminal interprets instead of showing; except joiners, without which some scripts and emoji break. */
const OBEYED = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** More combining marks than any script needs, which would smear over the neighbouring lines. */
const PILED = /(\p{M}{4})\p{M}+/gu;

/**
 * Makes text from outside safe to print on one line: line breaks become spaces, and characters that would move the cursor,
 * change colours or reverse the writing direction are escaped (`\x1b`, `\u202e`).
 */
export const visible = (text: string): string =>
  text
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(OBEYED, written)
    .replace(PILED, '$1')
    .trim();

const written = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
};
