const SLACKS = /^(?:[\w-]+\.)*slack(?:-gov)?\.com$/;

/**
 * Whether an answer may go to an address that came with a payload. Payloads are signed; but with a signing secret that
 * leaked, nobody shall have the bot call addresses within its own network: where SLACK_API_URL is Slack's own, only Slack's
 * addresses will do. A proxy or a stand-in may have its addresses wherever it likes.
 */
export const isSlackUrl = (url: string | undefined, apiUrl: string): url is string => {
  if (url === undefined || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  if (!SLACKS.test(new URL(apiUrl).hostname)) return protocol === 'https:' || protocol === 'http:';
  return protocol === 'https:' && SLACKS.test(hostname);
};
