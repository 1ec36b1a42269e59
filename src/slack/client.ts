import { WebClient, type WebClientOptions } from '@slack/web-api';
import { silentLogger } from './connection/bolt-log.ts';

const TIMEOUT = 10_000;

/**
 * Options for a client of Slack's Web API that neither retries nor waits out a rate limit: the caller decides what comes
 * next. A new object for each client, because Slack's libraries modify it.
 */
export const clientOptions = (apiUrl: string): WebClientOptions => ({
  slackApiUrl: apiUrl,
  timeout: TIMEOUT,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  logger: silentLogger(),
});

/** A Web API client with the bot's token; see clientOptions. */
export const createSlackClient = (deps: { readonly token: string; readonly apiUrl: string }): WebClient =>
  new WebClient(deps.token, clientOptions(deps.apiUrl));
