import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { DeliveryError, StoreFailure, type Verdict } from '../../core/errors.ts';
import { toDeliveryError } from '../outcome.ts';

type Meaning = { readonly verdict: Verdict; readonly unclear?: boolean; readonly text: (channel: string) => string };

const all = (names: string, meaning: Meaning): [string, Meaning][] => names.split(' ').map((name) => [name, meaning]);

const permanent = (text: (channel: string) => string): Meaning => ({ verdict: 'permanent', text });

/** The channel itself can't be written to; somebody has to mend that in Slack or in the rule. */
const ABOUT_CHANNEL =
  'channel_not_found not_in_channel is_archived invalid_channel messages_tab_disabled user_not_found is_inactive cannot_dm_bot no_permission restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel restricted_action_non_threadable_channel restricted_action_thread_locked ekm_access_denied posting_to_channel_denied';

/** The message no longer exists, or the bot may no longer change it. */
const GONE =
  'message_not_found cant_update_message edit_window_closed thread_not_found cannot_reply_to_message no_item_specified';

/**
 * What the errors of chat.postMessage and chat.update mean for what comes next, by name
 * (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
 */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ...all(
    'channel_not_found',
    permanent(
      (channel) =>
        `Slack knows no channel ${channel} that the bot can see: invite the bot there with /invite, or mend the rule's channel, then retry.`,
    ),
  ),
  ...all(
    'not_in_channel',
    permanent((channel) => `The bot is not in ${channel}: invite it there with /invite, then retry.`),
  ),
  ...all(
    'is_archived',
    permanent((channel) => `${channel} is archived: unarchive it or mend the rule's channel, then retry.`),
  ),
  ...all(
    'invalid_channel',
    permanent((channel) => `${channel} is not a channel's name or id: mend the rule's channel, then retry.`),
  ),
  ...all(
    'messages_tab_disabled user_not_found is_inactive cannot_dm_bot',
    permanent((channel) => `${channel} can't be written to by the bot: mend the rule's channel, then retry.`),
  ),
  ...all(
    'no_permission restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel restricted_action_non_threadable_channel restricted_action_thread_locked ekm_access_denied posting_to_channel_denied',
    permanent(
      (channel) =>
        `The bot may not post in ${channel}: allow it in the channel's posting permissions, or mend the rule's channel, then retry.`,
    ),
  ),
  ...all(
    'invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text too_many_attachments attachment_payload_limit_exceeded invalid_metadata_format invalid_metadata_schema metadata_too_large markdown_text_conflict block_mismatch',
    permanent(() => "Slack refuses the message as it is: mend the rule's template or text, then retry."),
  ),
  ...all(
    GONE,
    permanent((channel) => `The message in ${channel} is no longer there, or no longer the bot's to change: retry.`),
  ),
  ...all('invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type', {
    verdict: 'channel',
    text: () =>
      "Slack does not accept the bot's token: set SLACK_BOT_TOKEN to the Bot User OAuth Token shown under OAuth & Permissions, then restart.",
  }),
  ...all('missing_scope', {
    verdict: 'channel',
    text: () => 'The Slack app lacks a permission: add the scope under OAuth & Permissions, and reinstall the app.',
  }),
  ...all('app_access_restricted org_login_required access_denied team_access_not_granted two_factor_setup_required', {
    verdict: 'channel',
    text: () => "The Slack workspace restricts the bot's app: an administrator has to allow it.",
  }),
  ...all('internal_error fatal_error', {
    verdict: 'retry',
    unclear: true,
    text: () => 'Slack failed, perhaps after posting; the next try looks for the message first.',
  }),
  ...all(
    'service_unavailable request_timeout team_added_to_org external_channel_migrating message_limit_exceeded update_failed streaming_state_conflict',
    { verdict: 'retry', text: () => 'Slack can not take messages just now.' },
  ),
]);

const CHANNEL_CODES: ReadonlySet<string> = new Set(ABOUT_CHANNEL.split(' '));
const GONE_CODES: ReadonlySet<string> = new Set(GONE.split(' '));

/** Whether the channel itself can't be posted to, until somebody mends that in Slack or in the rule. */
export const isAboutChannel = ({ code }: DeliveryError): boolean => CHANNEL_CODES.has(code);

/** Whether the message that was to be changed or replied to is gone: somebody deleted it, say. */
export const isGone = (error: unknown): boolean => error instanceof DeliveryError && GONE_CODES.has(error.code);

/** Where Slack asks to wait and does not say how long. */
const UNSAID_WAIT_MS = 30_000;

/** Any failure of a call of Slack's Web API as a DeliveryError. `channel` as the rule names it. */
export const slackFailure = (error: unknown, channel: string): DeliveryError => {
  if (error instanceof DeliveryError) return error;
  if (error instanceof WebAPIRateLimitedError) return waitFor(error.retryAfter * 1000, error);
  if (error instanceof WebAPIPlatformError) return platformFailure(error, channel);
  if (error instanceof WebAPIHTTPError) return httpFailure(error);
  if (error instanceof WebAPIRequestError) return requestFailure(error);
  if (error instanceof StoreFailure) return toDeliveryError(error);
  return new DeliveryError('unexpected', 'The call of Slack failed in a way that is not known.', {
    verdict: 'retry',
    unclear: true,
    cause: error,
  });
};

const waitFor = (retryAfterMs: number, cause: unknown): DeliveryError =>
  new DeliveryError('ratelimited', `Slack asks to wait ${Math.ceil(retryAfterMs / 1000)} s.`, {
    verdict: 'wait',
    retryAfterMs,
    cause,
  });

const platformFailure = (error: WebAPIPlatformError, channel: string): DeliveryError => {
  const { error: name, response_metadata: metadata } = error.data;
  // Where a proxy answers in Slack's place, the client puts its whole page here.
  if (!/^[a-z0-9_]{1,80}$/.test(name)) {
    return new DeliveryError('unexpected_answer', "The answer is not Slack's: check SLACK_API_URL and any proxy.", {
      verdict: 'retry',
      unclear: true,
    });
  }
  if (name === 'ratelimited' || name === 'rate_limited') {
    return waitFor(metadata?.retryAfter === undefined ? UNSAID_WAIT_MS : metadata.retryAfter * 1000, error);
  }
  const meaning = MEANINGS.get(name);
  const details = [...(metadata?.messages ?? []), ...neededScope(error)].slice(0, 3).map((text) => text.slice(0, 200));
  const text = meaning?.text(channel) ?? 'This error of Slack is not known to the bot; it tries again.';
  return new DeliveryError(name, [`Slack answers ${name}.`, text, ...details].join(' '), {
    verdict: meaning?.verdict ?? 'retry',
    unclear: meaning?.unclear ?? false,
    cause: error,
  });
};

const neededScope = (error: WebAPIPlatformError): string[] =>
  'needed' in error.data && typeof error.data.needed === 'string' ? [`Needed: ${error.data.needed}.`] : [];

const httpFailure = (error: WebAPIHTTPError): DeliveryError =>
  error.statusCode >= 500
    ? new DeliveryError(
        `http_${error.statusCode}`,
        `Slack answers HTTP ${error.statusCode}, perhaps after posting; the next try looks for the message first.`,
        { verdict: 'retry', unclear: true, cause: error },
      )
    : new DeliveryError(
        `http_${error.statusCode}`,
        `HTTP ${error.statusCode}, which Slack does not answer: check SLACK_API_URL and any proxy.`,
        { verdict: 'retry', cause: error },
      );

/** Failures before anything of the message was sent. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_ALTNAME_INVALID|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/;

const requestFailure = (error: WebAPIRequestError): DeliveryError => {
  if (error.original.name === 'TimeoutError') {
    return new DeliveryError('timeout', 'Slack did not answer in time; the next try looks for the message first.', {
      verdict: 'retry',
      unclear: true,
      cause: error,
    });
  }
  const { code, syscall } = networkCause(error.original);
  const unsent = BEFORE_SENDING.test(code) || syscall === 'connect' || syscall === 'getaddrinfo';
  return new DeliveryError(
    code.toLowerCase() || 'connection_failed',
    unsent
      ? `Slack can't be reached (${code}): check the network, any proxy, and SLACK_API_URL.`
      : `The connection to Slack broke (${code || 'no code'}); the next try looks for the message first.`,
    { verdict: 'retry', unclear: !unsent, cause: error },
  );
};

const networkCause = (error: Error): { code: string; syscall: string } => {
  const cause: unknown = error.cause ?? error;
  const field = (name: 'code' | 'syscall'): string =>
    typeof cause === 'object' && cause !== null && name in cause ? String(Reflect.get(cause, name)) : '';
  return { code: field('code'), syscall: field('syscall') };
};
