import Router from '@koa/router';
import type { Context } from 'koa';
import { HttpError, methodNotAllowed } from '../../http/errors.ts';
import { readBody } from '../../http/raw-body.ts';
import type { Log } from '../../runtime/log.ts';
import type { Rejection } from '../../store/ports.ts';
import { EVENTS_PATH } from '../manifest.ts';
import type { Incoming } from './incoming.ts';
import { isPayload, type Payload } from './payload.ts';
import { checkSlackSignature, createReplayGuard, type ReplayGuard, type SlackCheck } from './verify.ts';

/** Slack waits three seconds for the whole exchange. */
const BODY_LIMITS = { limit: 1_000_000, timeout: 3_000 };

export type SlackHttpDeps = {
  readonly signingSecret: string;
  readonly incoming: Pick<Incoming, 'take'>;
  readonly onRejected: (rejection: Rejection) => void;
  readonly now: () => number;
  readonly log: Log;
};

type Refusal = Exclude<SlackCheck, 'valid'> | 'replayed';

const HELP: Readonly<Record<Refusal, string>> = {
  missing: 'The X-Slack-Signature or the X-Slack-Request-Timestamp header is missing.',
  malformed: 'X-Slack-Signature is not v0=<64 lower-case hex digits>, or X-Slack-Request-Timestamp is no number.',
  wrong: 'The signature does not fit this body, timestamp and secret.',
  stale: 'The timestamp is more than five minutes from the time here.',
  replayed: 'This very request came before.',
};

/** What the operator can do if a refused request really was Slack's. */
const REMEDIES: Partial<Readonly<Record<Refusal, string>>> = {
  wrong: 'if it was Slack, set SLACK_SIGNING_SECRET to the Signing Secret under Basic Information of the Slack app',
  stale: "if it was Slack, set this machine's clock right",
};

/**
 * `POST /slack/events`: commands, clicks, submissions and events, told apart by their bodies. Nothing in a request is trusted
 * before its signature is verified, and a replayed request is refused.
 */
export const slackRouter = (deps: SlackHttpDeps): Router => {
  const router = new Router();
  const replays = createReplayGuard();
  const warned = new Set<Refusal>();
  router.post(EVENTS_PATH, (ctx) => receive(ctx, { ...deps, replays, warned }));
  router.all(EVENTS_PATH, methodNotAllowed('POST'));
  return router;
};

type ReceiveDeps = SlackHttpDeps & { readonly replays: ReplayGuard; readonly warned: Set<Refusal> };

const receive = async (ctx: Context, deps: ReceiveDeps): Promise<void> => {
  const reject = (reason: string, error: HttpError, bytes: number): HttpError => {
    const { ip: remote } = ctx;
    deps.onRejected({ at: deps.now(), reason, remote, bytes, userAgent: ctx.get('user-agent').slice(0, 200) });
    deps.log.info({ reason, remote, bytes }, 'a request to the address for Slack was rejected');
    return error;
  };
  const body = await readBody(ctx.req, BODY_LIMITS).catch((error: unknown) => {
    throw error instanceof HttpError
      ? reject(`slack_${error.code}`, error, Number(ctx.get('content-length')) || 0)
      : error;
  });
  // Slack's check of the certificate is not signed; an empty answer suffices and gives nothing away.
  if (isSslCheck(ctx, body)) {
    ctx.body = '';
    return;
  }
  const refusal = refusalOf(ctx, body, deps);
  if (refusal) {
    warnOnce(refusal, deps);
    throw reject(`slack_${refusal}`, new HttpError(401, 'invalid_signature', HELP[refusal]), body.length);
  }
  const payload = parse(ctx.get('content-type'), body);
  if (!payload)
    throw reject(
      'slack_invalid_payload',
      new HttpError(400, 'invalid_payload', 'The body is no payload of Slack.'),
      body.length,
    );
  if (payload.type === 'url_verification') {
    ctx.body = { challenge: payload.challenge };
    return;
  }
  const answer = (await deps.incoming.take(payload)).body;
  ctx.status = 200;
  ctx.body = answer ?? '';
  // Koa would take a text that begins with a mention for HTML.
  if (typeof answer === 'string') ctx.type = 'text/plain';
};

const refusalOf = (ctx: Context, body: Buffer, { signingSecret, replays, now }: ReceiveDeps): Refusal | undefined => {
  const given = { signature: ctx.get('x-slack-signature'), timestamp: ctx.get('x-slack-request-timestamp') };
  const check = checkSlackSignature(given, body, signingSecret, now());
  if (check !== 'valid') return check;
  return replays.fresh(given, now()) ? undefined : 'replayed';
};

/** Advises once for each kind of refusal: a flood of forgeries must not flood the log with advice. */
const warnOnce = (refusal: Refusal, { warned, log }: ReceiveDeps): void => {
  const remedy = REMEDIES[refusal];
  if (!remedy || warned.has(refusal)) return;
  warned.add(refusal);
  log.warn(`${HELP[refusal]} It is refused; ${remedy}.`);
};

const isForm = (contentType: string): boolean => /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType);

const isSslCheck = (ctx: Context, body: Buffer): boolean =>
  isForm(ctx.get('content-type')) &&
  body.length < 1000 &&
  new URLSearchParams(body.toString('utf8')).get('ssl_check') === '1';

/** Commands are forms, clicks and submissions are JSON in a form's `payload` field, events are JSON. */
const parse = (contentType: string, body: Buffer): Payload | undefined => {
  const text = body.toString('utf8');
  if (!isForm(contentType)) return fromJson(text);
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : fromJson(payload);
};

const fromJson = (text: string): Payload | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isPayload(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
