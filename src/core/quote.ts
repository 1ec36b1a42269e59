const MOST = 120;

/** A text as one line of 120 characters at most, without what a terminal or a reader would obey rather than see. */
export const shortLine = (text: string): string => {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > MOST ? `${line.slice(0, MOST - 1)}…` : line;
};

/** A value as JSON writes it, on one short line. */
export const quote = (value: unknown): string => shortLine(JSON.stringify(value) ?? String(value));
