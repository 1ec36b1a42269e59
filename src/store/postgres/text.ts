/*
 * PostgreSQL can store any character but NUL, which any text of a webhook may contain. A NUL is stored as U+10FFFF, the last
 * code point, a permanent noncharacter. U+10FFFF itself becomes U+FFFD, as does an unpaired surrogate when it is encoded as
 * UTF-8.
 */

const STAND_IN = '\u{10ffff}';

/** Encodes a text for the database. */
export const toKept = (text: string): string =>
  text.includes('\0') || text.includes(STAND_IN)
    ? text.replaceAll(STAND_IN, '\ufffd').replaceAll('\0', STAND_IN)
    : text;

/** Decodes a text from the database. */
export const fromKept = (text: string): string => (text.includes(STAND_IN) ? text.replaceAll(STAND_IN, '\0') : text);
