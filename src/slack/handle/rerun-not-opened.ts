/** Slack's error codes for an unusable token (https://docs.slack.dev/reference/methods/views.open#errors). */
const TOKEN_ERRORS = new Set([
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'no_permission',
  'access_denied',
  'ekm_access_denied',
  'org_login_required',
  'team_access_not_granted',
]);
/** Errors that pass by themselves. */
const TRANSIENT_ERRORS = new Set([
  'ratelimited',
  'no_connection',
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
]);

/** Explains Slack's error code for a dialog: why there is none, and who can do what about it. */
export const notOpened = (refused: string): string => {
  if (refused === 'expired_trigger_id' || refused === 'exchanged_trigger_id') {
    return 'The dialog came too late for Slack, which waits three seconds.';
  }
  if (refused === 'missing_scope') {
    return "The Slack app lacks a permission that dialogs need (missing_scope): whoever runs the bot compares the app's manifest with what npm run cli -- slack-manifest prints, and installs the app anew.";
  }
  if (TOKEN_ERRORS.has(refused)) {
    return `Slack does not take the bot's token (${refused}): whoever runs the bot copies it anew from api.slack.com/apps, OAuth & Permissions, to SLACK_BOT_TOKEN.`;
  }
  if (TRANSIENT_ERRORS.has(refused) || /^http_5/.test(refused)) {
    return `Slack could not be reached for the dialog (${refused}): try again in a moment.`;
  }
  return `Slack refused the dialog (${refused}): whoever runs the bot can run it on the command line, npm run cli -- rerun ID.`;
};
