/** The FTS5 expression that matches texts which contain all of these. */
export const textTerm = (parts: readonly string[]): string =>
  `text : (${parts.map((part) => `"${part.replaceAll('"', '""')}"`).join(' AND ')})`;
