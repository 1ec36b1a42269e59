import { type Logger, LogLevel, WebClient } from '@slack/web-api';

export type SlackClientOptions = { readonly token: string; readonly apiUrl: string; readonly timeoutMs?: number };

/** A client of Slack's Web API that makes each call once: only the deliverer knows what may be repeated, and when. */
export const createSlackClient = ({ token, apiUrl, timeoutMs = 10_000 }: SlackClientOptions): WebClient =>
  new WebClient(token, {
    slackApiUrl: apiUrl,
    timeout: timeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  });

const nothing = (): void => undefined;

/** Silences the client, which would log to the console; failures are reported by their DeliveryError. */
const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
