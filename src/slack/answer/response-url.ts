import type { SlackAnswer } from '../view/answer.ts';

/** The body of a post to a response_url (https://docs.slack.dev/interactivity/handling-user-interaction#message_responses). */
export type UrlMessage = {
  readonly response_type?: 'ephemeral' | 'in_channel';
  readonly replace_original?: boolean;
  readonly delete_original?: boolean;
  readonly thread_ts?: string;
} & Partial<Pick<SlackAnswer, 'text' | 'blocks'>>;

/**
 * - `sent`: Slack took it.
 * - `refused`: Slack did not; `code` says why.
 * - `unclear`: Slack may have taken it.
 */
export type UrlOutcome =
  | { readonly is: 'sent' }
  | { readonly is: 'refused'; readonly code: string }
  | { readonly is: 'unclear'; readonly code: string };

const TIMEOUT = 10_000;

/** Posts one message to a response_url. Never throws. */
export const postToUrl = async (url: string, message: UrlMessage, send: typeof fetch = fetch): Promise<UrlOutcome> => {
  let response: Response;
  try {
    response = await send(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify(message),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
    });
  } catch (error) {
    return { is: neverConnected(error) ? 'refused' : 'unclear', code: 'no_connection' };
  }
  const text = await response.text().catch(() => '');
  if (response.status >= 500) return { is: 'unclear', code: codeIn(text) ?? `http_${response.status}` };
  const code = codeIn(text);
  if (!response.ok) return { is: 'refused', code: code ?? `http_${response.status}` };
  return code && code !== 'ok' ? { is: 'refused', code } : { is: 'sent' };
};

/** Whether the connection failed to open, so that certainly nothing was sent. */
const neverConnected = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined;
  return (
    cause instanceof Error && 'syscall' in cause && (cause.syscall === 'connect' || cause.syscall === 'getaddrinfo')
  );
};

/** Slack's error code, which comes as bare text or in JSON; undefined for anything else, such as a proxy's page. */
const codeIn = (text: string): string | undefined => {
  if (/^[a-z_]{1,60}$/.test(text.trim())) return text.trim();
  return /"error"\s*:\s*"([a-z_]{1,60})"/.exec(text.slice(0, 2_000))?.[1];
};
