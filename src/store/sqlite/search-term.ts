/** The FTS5 expression of a text that contains all of these. */
export const textTerm = (parts: readonly string[]): string =>
  `text : (${parts.map((part) => `"${part.replaceAll('"', '""')}"`).join(' AND ')})`;
