import { sign } from 'node:crypto';
import { z } from 'zod';
import { DeliveryError } from '../../../core/errors.ts';
import { retryAfterOf } from './failure.ts';
import type { ServiceAccount } from './service-account.ts';

/** Provides access tokens; concurrent callers share one request. */
export type TokenSource = {
  /** A token that is valid for at least another minute. Rejects with a DeliveryError. */
  token(signal: AbortSignal): Promise<string>;
  /** Drops a token that Google no longer accepts. */
  forget(token: string): void;
};

const SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LIFE_SECONDS = 3_600;
const MARGIN = 60_000;
const TIMEOUT = 20_000;

const TokenSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().default(LIFE_SECONDS),
});
const RefusalSchema = z.object({ error: z.string().default(''), error_description: z.string().default('') });

/** Tokens for a service account (RFC 7523; developers.google.com/identity/protocols/oauth2/service-account). */
export const createTokenSource = (account: ServiceAccount, now: () => number): TokenSource => {
  let known: { readonly token: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;

  const ask = async (signal: AbortSignal): Promise<string> => {
    const response = await post(account, assertion(account, now()), signal);
    const body: unknown = await response.json().catch(() => undefined);
    const parsed = TokenSchema.safeParse(body);
    if (!response.ok || !parsed.success) throw refusal(account, response, body);
    const { access_token: token, expires_in: seconds } = parsed.data;
    known = { token, until: now() + seconds * 1000 - MARGIN };
    return token;
  };

  return {
    async token(signal) {
      if (known && known.until > now()) return known.token;
      asking ??= ask(signal).finally(() => {
        asking = undefined;
      });
      return asking;
    },
    forget(token) {
      if (known?.token === token) known = undefined;
    },
  };
};

/** The signed claim that is exchanged for a token (RFC 7515, 7519). */
const assertion = ({ email, keyId, privateKey, tokenUri }: ServiceAccount, now: number): string => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(now / 1000);
  const header = part({ alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) });
  const claims = part({ iss: email, scope: SCOPE, aud: tokenUri, iat, exp: iat + LIFE_SECONDS });
  const signature = sign('RSA-SHA256', Buffer.from(`${header}.${claims}`), privateKey).toString('base64url');
  return `${header}.${claims}.${signature}`;
};

const post = async ({ tokenUri }: ServiceAccount, jwt: string, signal: AbortSignal): Promise<Response> => {
  try {
    return await fetch(tokenUri, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: GRANT, assertion: jwt }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    });
  } catch (cause) {
    throw new DeliveryError(
      'google_unreachable',
      "Google's sign-in could not be reached. The row is written as soon as it can.",
      { verdict: 'retry', cause },
    );
  }
};

const refusal = ({ email }: ServiceAccount, response: Response, body: unknown): DeliveryError => {
  const { error, error_description: description } = RefusalSchema.safeParse(body).data ?? {
    error: '',
    error_description: '',
  };
  if (response.status === 429 || response.status >= 500 || response.ok) {
    return new DeliveryError('google_unavailable', `Google's sign-in answers with ${response.status}.`, {
      ...(response.status === 429
        ? { verdict: 'wait', retryAfterMs: retryAfterOf(response) ?? 30_000 }
        : { verdict: 'retry' }),
    });
  }
  const clock = /JWT|iat|exp|time/i.test(description) ? " Is this machine's clock right?" : '';
  return new DeliveryError(
    'google_credentials',
    `Google no longer takes the key of ${email} (${error || response.status}).${clock} Make a new key in the Google Cloud ` +
      'console, put it in the place of GOOGLE_SERVICE_ACCOUNT_FILE, and start the bot anew.',
    { verdict: 'retry' },
  );
};
