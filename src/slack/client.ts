import { WebClient, type WebClientOptions } from '@slack/web-api';
import { silentLogger } from './connection/bolt-log.ts';

const CALL_WITHIN = 10_000;

/**
 * Settings for a client of Slack's Web API that calls once and does not wait where Slack asks to: whoever calls decides
 * what comes next. A new object each time, since Slack's own libraries write into it.
 */
export const clientOptions = (apiUrl: string): WebClientOptions => ({
  slackApiUrl: apiUrl,
  timeout: CALL_WITHIN,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  logger: silentLogger(),
});

/** A client that speaks with the bot's token. */
export const createSlackClient = (deps: { readonly token: string; readonly apiUrl: string }): WebClient =>
  new WebClient(deps.token, clientOptions(deps.apiUrl));
