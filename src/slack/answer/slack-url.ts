const SLACK_HOST = /^(?:[\w-]+\.)*slack(?:-gov)?\.com$/;

/**
 * Whether an answer may be sent to a payload's response_url. Payloads are signed, but a leaked signing secret must not let
 * anybody make the bot call addresses inside its own network (SSRF): if SLACK_API_URL is Slack's, only https addresses of
 * Slack are allowed. With a proxy or a stand-in in Slack's place, any http address is.
 */
export const isSlackUrl = (url: string | undefined, apiUrl: string): url is string => {
  if (url === undefined || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  if (!SLACK_HOST.test(new URL(apiUrl).hostname)) return protocol === 'https:' || protocol === 'http:';
  return protocol === 'https:' && SLACK_HOST.test(hostname);
};
