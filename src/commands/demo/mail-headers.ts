/** Parses the header fields of a mail (RFC 5322) and decodes their encoded words (RFC 2047). Names are in lower case. */
export const readHeaders = (mail: string): Map<string, string> => {
  const head = mail.split(/\r?\n\r?\n/, 1)[0] ?? '';
  const lines = head.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/);
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())];
    }),
  );
};

const WORD = /=\?([\w-]+)\?([QB])\?([^?]*)\?=/gi;

/** Decodes encoded words. White space between two of them is not part of the text (RFC 2047, §6.2). */
const decodeWords = (text: string): string =>
  text.replace(/\?=\s+(?==\?)/g, '?=').replace(WORD, (_, charset: string, encoding: string, content: string) => {
    const bytes = encoding.toUpperCase() === 'B' ? Buffer.from(content, 'base64') : quotedBytes(content);
    return new TextDecoder(charset).decode(bytes);
  });

const quotedBytes = (content: string): Uint8Array =>
  Buffer.from(
    content
      .replaceAll('_', ' ')
      .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
