/*
 * PostgreSQL keeps any text but NUL. Webhooks may name one in any of their texts, so it is kept as U+10FFFF, the last code
 * point, which stands for no character and never will. Where that itself comes in, it is kept as U+FFFD, as is half a
 * surrogate pair: that is what UTF-8 makes of it.
 */

const STAND_IN = '\u{10ffff}';

/** A text as the database keeps it. */
export const toKept = (text: string): string =>
  text.includes('\0') || text.includes(STAND_IN)
    ? text.replaceAll(STAND_IN, '\ufffd').replaceAll('\0', STAND_IN)
    : text;

/** A kept text as it came. */
export const fromKept = (text: string): string => (text.includes(STAND_IN) ? text.replaceAll(STAND_IN, '\0') : text);
