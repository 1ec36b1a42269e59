import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { STORE_HEADER } from '../../http/health.ts';
import { type Check, type CheckTools, type Found, ok, problem, warning } from './check.ts';

/** Checks that WebKasa's API accepts the key, and which scopes it has. */
export const webkasaCheck = ({ url, key }: { readonly url: string; readonly key: string }): Check => ({
  name: 'WebKasa API',
  async run(tools) {
    const areas = await Promise.all(
      ['schedules', 'events'].map(async (area) => ({ area, status: await askWebkasa(url, key, area, tools) })),
    );
    const refused = areas.filter(({ status }) => status === 401);
    if (refused.length > 0) {
      return [
        problem('WebKasa does not take WEBKASA_API_KEY (401).', 'Make a new key in WebKasa, Settings, and set it.'),
      ];
    }
    const lacking = areas.filter(({ status }) => status === 403).map(({ area }) => SCOPES[area] ?? area);
    if (lacking.length > 0) {
      return [
        warning(
          `The key lacks ${lacking.join(' and ')}.`,
          'Give it those scopes in WebKasa: mails then tell all they can.',
        ),
      ];
    }
    const odd = areas.find(({ status }) => status >= 400 && status !== 404 && status !== 429);
    return [
      odd
        ? warning(`WebKasa's API answers with ${odd.status}.`, 'Look again in a while: mails go without it meanwhile.')
        : ok('the key is taken'),
    ];
  },
});

const SCOPES: Readonly<Record<string, string>> = { schedules: 'bookings:read', events: 'events:read' };

const askWebkasa = async (url: string, key: string, area: string, { signal, clock }: CheckTools): Promise<number> => {
  const response = await fetch(new URL(`/api/v1/${area}?limit=1`, url), {
    headers: { Authorization: `Bearer ${key}`, Accept: 'application/json' },
    redirect: 'error',
    signal,
  }).catch((cause: unknown) => {
    throw new Error("WebKasa's API can't be reached.", { cause });
  });
  clock('WebKasa', response.headers.get('date'));
  await response.body?.cancel();
  return response.status;
};

export type AddressDeps = {
  readonly publicUrl: string;
  /** Where the bot listens on this machine; undefined if the system chooses the port. */
  readonly localUrl: string | undefined;
  readonly production: boolean;
};

const HealthSchema = z.looseObject({ status: z.literal('ok') });

/** Checks whether a bot runs here, and whether PUBLIC_URL reaches one with the same store. */
export const addressCheck = ({ publicUrl, localUrl, production }: AddressDeps): Check => ({
  name: 'address',
  async run(tools) {
    const here = localUrl === undefined ? undefined : await healthOf(localUrl, tools, askHere);
    const running: Found =
      here?.as === 'bot'
        ? ok(`a bot runs at ${localUrl}`)
        : warning(
            localUrl === undefined ? 'PORT is 0: where a bot listens is not known.' : `No bot runs at ${localUrl}.`,
            'Start it with npm start; all else is checked without it.',
          );
    if (isLocal(publicUrl)) {
      const says = `PUBLIC_URL is ${publicUrl}, which nobody else can reach.`;
      return [
        running,
        ...(production ? [problem(says, 'Set it to the HTTPS address that WebKasa posts to.')] : [ok(says)]),
      ];
    }
    const there = await healthOf(publicUrl, tools);
    tools.clock(publicUrl, there.date);
    return [running, reachedFinding(publicUrl, here, there)];
  },
});

const reachedFinding = (publicUrl: string, here: Health | undefined, there: Health): Found => {
  const remedy = 'Check the DNS name, the proxy in front of the bot and its certificate.';
  if (there.as === 'nothing') return problem(`${publicUrl} is not reached from here: ${there.why}.`, remedy);
  if (there.as === 'other') return problem(`${publicUrl} answers, but not as a webkasa-bot (${there.why}).`, remedy);
  if (here?.as === 'bot' && here.store && there.store && here.store !== there.store) {
    return problem(
      `${publicUrl} reaches another webkasa-bot than this one.`,
      'Point it to this one, or mend PUBLIC_URL.',
    );
  }
  const secure = publicUrl.startsWith('https:');
  if (!secure) return warning(`${publicUrl} is reached, without HTTPS.`, 'WebKasa posts to HTTPS addresses only.');
  return ok(here?.as === 'bot' ? `${publicUrl} reaches this bot` : `${publicUrl} reaches a webkasa-bot`);
};

type Health =
  | { readonly as: 'bot'; readonly store: string | undefined; readonly date: string | null }
  | { readonly as: 'other'; readonly why: string; readonly date: string | null }
  | { readonly as: 'nothing'; readonly why: string; readonly date: string | null };

type Ask = (url: URL, options: { readonly signal: AbortSignal }) => Promise<Response>;

const healthOf = async (url: string, { signal }: CheckTools, ask: Ask = fetch): Promise<Health> => {
  try {
    const response = await ask(new URL(`${url.replace(/\/+$/, '')}/healthz`), { signal });
    const date = response.headers.get('date');
    const body = HealthSchema.safeParse(await response.json().catch(() => undefined));
    if (!response.ok || !body.success) return { as: 'other', why: `HTTP ${response.status}`, date };
    return { as: 'bot', store: response.headers.get(STORE_HEADER) ?? undefined, date };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'no connection';
    return { as: 'nothing', why: code, date: null };
  }
};

/**
 * Asks this machine itself. Over HTTPS whatever certificate is shown will do: it is for the bot's public name, no secret is
 * told, and whether it is any good is another check's to say.
 */
const askHere: Ask = async (url, options) => {
  if (url.protocol !== 'https:') return fetch(url, options);
  const asked = request(url, { ...options, rejectUnauthorized: false, agent: false }).end();
  const [answer] = (await once(asked, 'response').catch((cause: unknown) => {
    throw new Error('No answer.', { cause });
  })) as [IncomingMessage];
  return new Response(await text(answer), {
    status: answer.statusCode ?? 0,
    headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
  });
};

const isLocal = (url: string): boolean => /^(?:localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0)$/.test(new URL(url).hostname);
