/*
 * Slack's mrkdwn as HTML, as far as the bot writes it: entities, tokens in angle brackets, and bold, struck, italic and
 * monospaced text (https://docs.slack.dev/messaging/formatting-message-text). For pictures to look at, not for a browser
 * that faces anybody.
 */

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Slack's date token for a reader in a zone. */
const dateHtml = (unix: number, form: string, zone: string): string => {
  const at = new Date(unix * 1000);
  const inForm = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('en-US', { timeZone: zone, ...options }).format(at);
  const day = { year: 'numeric', month: 'short', day: 'numeric' } as const;
  return form
    .replace('{date_long_pretty}', inForm({ ...day, weekday: 'long', month: 'long' }))
    .replace('{date_short_pretty}', inForm(day))
    .replace('{date_short}', inForm(day))
    .replace('{time_secs}', inForm({ hour: 'numeric', minute: '2-digit', second: '2-digit' }))
    .replace('{time}', inForm({ hour: 'numeric', minute: '2-digit' }));
};

const tokenHtml = (token: string, zone: string): string => {
  const [head = '', label = ''] = token.split('|');
  const date = /^!date\^(\d+)\^([^^]+)/.exec(head);
  if (date) return escapeHtml(dateHtml(Number(date[1]), date[2] ?? '', zone));
  if (/^@/.test(head)) return `<span class="mention">@${escapeHtml(label || head.slice(1))}</span>`;
  if (head.startsWith('!subteam^')) return `<span class="mention">@${escapeHtml(label || head.slice(9))}</span>`;
  if (/^#/.test(head)) return `<span class="mention">#${escapeHtml(label || head.slice(1))}</span>`;
  if (/^!/.test(head)) return `<span class="shout">${escapeHtml(head)}</span>`;
  return `<a>${escapeHtml(label || head)}</a>`;
};

/** Where a sign of formatting may begin and end: not within a word. */
const around = (sign: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}${sign}])[${sign}](?=\\S)([^\\n]*?\\S)[${sign}](?![\\p{L}\\p{N}${sign}])`, 'gu');

export const mrkdwnHtml = (text: string, zone: string): string => {
  const kept: string[] = [];
  const keep = (html: string): string => `\u0000${kept.push(html) - 1}\u0000`;
  const plain = (part: string): string =>
    escapeHtml(part.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
  const html = text
    .replace(/`([^`\n]+)`/g, (_, inside: string) => keep(`<code>${plain(inside)}</code>`))
    .replace(/<([^<>]+)>/g, (_, token: string) => keep(tokenHtml(token, zone)))
    .replace(/&(amp|lt|gt);/g, (entity) => keep(plain(entity)))
    .replace(around('*'), (_, inside: string) => `${keep('<b>')}${inside}${keep('</b>')}`)
    .replace(around('~'), (_, inside: string) => `${keep('<s>')}${inside}${keep('</s>')}`)
    .replace(around('_'), (_, inside: string) => `${keep('<i>')}${inside}${keep('</i>')}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the marks set above; no text has them.
  return escapeHtml(html).replace(/\u0000(\d+)\u0000/g, (_, index: string) => kept[Number(index)] ?? '');
};
