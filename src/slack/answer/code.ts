import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';

/** A code for a failed Web API call that is safe to log: Slack's name of the error, never its message. */
export const codeOf = (error: unknown): string => {
  if (error instanceof WebAPIRateLimitedError) return 'ratelimited';
  if (error instanceof WebAPIHTTPError) return `http_${error.statusCode}`;
  if (error instanceof WebAPIPlatformError && /^[a-z_]{1,60}$/.test(error.data.error)) return error.data.error;
  return 'no_connection';
};
