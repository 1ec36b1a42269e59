/** Everything that a terminal obeys rather than shows, but joiners, without which some scripts and emoji fall apart. */
const OBEYED = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** Accents piled up beyond any script's need smear over the lines around them. */
const PILED = /(\p{M}{4})\p{M}+/gu;

/**
 * Text from elsewhere as one line that can only be read: line breaks become spaces, and what would move the cursor,
 * change colours or turn the direction of writing is written out (`\x1b`, `\u202e`).
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
