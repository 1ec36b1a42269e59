/**
 * Whether an address is Slack's: of slack.com, or of the host of SLACK_API_URL. Payloads are signed; but with a signing
 * secret that leaked, nobody shall have the bot call addresses within its own network.
 */
export const isSlackUrl = (url: string | undefined, apiUrl: string): url is string => {
  if (url === undefined || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  const api = new URL(apiUrl);
  if (hostname === api.hostname) return protocol === api.protocol;
  return protocol === 'https:' && /^(?:[\w-]+\.)*slack(?:-gov)?\.com$/.test(hostname);
};
