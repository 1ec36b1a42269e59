import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { LinkRefusal } from './link.ts';

/** Why Slack can't be used: a code, and a text that says what to do. */
export type Trouble = {
  readonly code: string;
  readonly text: string;
  /** Whether it lasts until somebody changes a setting, here or in Slack. */
  readonly lasting: boolean;
  /** How many milliseconds Slack asks to wait. */
  readonly waitMs?: number;
};

export type TokenName = 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN';

/** Where to find each token in Slack's settings. */
const SOURCES: Readonly<Record<TokenName, string>> = {
  SLACK_BOT_TOKEN: 'the Bot User OAuth Token under OAuth & Permissions of the Slack app, once it is installed',
  SLACK_APP_TOKEN: 'an App-Level Token with the scope connections:write, made under Basic Information of the Slack app',
};

const TOKEN_ERRORS = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'org_login_required',
]);

/** Explains why a Web API call, or opening a connection, failed with a token. Never quotes what was sent. */
export const troubleOf = (error: unknown, token: TokenName): Trouble => {
  if (error instanceof WebAPIRateLimitedError)
    return { code: 'ratelimited', text: 'Slack asks to wait.', lasting: false, waitMs: error.retryAfter * 1000 };
  if (error instanceof WebAPIPlatformError) return refused(error.data.error, token);
  if (error instanceof WebAPIHTTPError)
    return {
      code: `http_${error.statusCode}`,
      text: `Slack answers HTTP ${error.statusCode}: if that stays so, check SLACK_API_URL and any proxy.`,
      lasting: false,
    };
  if (error instanceof LinkRefusal) return notOpened(error.reason);
  const code = error instanceof WebAPIRequestError ? networkCode(error.original) : 'no_connection';
  return {
    code,
    text: `Slack can't be reached (${code}): check the network, any proxy, and SLACK_API_URL.`,
    lasting: false,
  };
};

/** Explains why no connection opened: by Slack's reason, or if it gave none, by what may be in the way. */
const notOpened = (reason: string): Trouble =>
  reason === 'gone' || reason === 'timeout'
    ? {
        code: reason,
        text: `Slack answers, but no connection opens (${reason}): check that firewalls and proxies let WebSockets (wss) to *.slack.com through.`,
        lasting: false,
      }
    : endedBecause(reason);

/** Explains Slack's reason for ending a Socket Mode connection. */
export const endedBecause = (reason: string): Trouble => {
  const text = REASONS[reason];
  const code = /^\w{1,60}$/.test(reason) ? reason : 'unknown';
  return text
    ? { code, text, lasting: true }
    : { code, text: `Slack ends every connection after a moment (${code}); it is tried again.`, lasting: false };
};

const REASONS: Readonly<Record<string, string>> = {
  too_many_websockets:
    'Ten connections are open for SLACK_APP_TOKEN already: stop the other bots that use it, or give each its own Slack app.',
  link_disabled: 'Socket Mode is off for the Slack app: turn it on under Socket Mode.',
};

const refused = (name: string, token: TokenName): Trouble => {
  // If a proxy answers in Slack's place, the client puts the whole page here.
  if (!/^[a-z0-9_]{1,80}$/.test(name)) {
    const text = "The answer is not Slack's: check SLACK_API_URL and any proxy.";
    return { code: 'unexpected_answer', text, lasting: false };
  }
  if (TOKEN_ERRORS.has(name)) {
    const text = `Slack does not accept ${token} (${name}): set it to ${SOURCES[token]}, then start the bot again.`;
    return { code: name, text, lasting: true };
  }
  if (name === 'missing_scope') {
    const text = `${token} lacks a scope: set it to ${SOURCES[token]}, then start the bot again.`;
    return { code: name, text, lasting: true };
  }
  return { code: name, text: `Slack answers ${name}; it is tried again.`, lasting: false };
};

const networkCode = (error: Error): string => {
  if (error.name === 'TimeoutError') return 'timeout';
  const cause: unknown = error.cause ?? error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return /^\w{1,60}$/.test(code) ? code : 'no_connection';
};
