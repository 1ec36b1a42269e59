import Router from '@koa/router';
import type { Context } from 'koa';
import { messageOf } from '../core/errors.ts';
import { parseWebhook, type Webhook } from '../core/webhook.ts';
import { HttpError, methodNotAllowed } from '../http/errors.ts';
import { readBody } from '../http/raw-body.ts';
import type { Log } from '../runtime/log.ts';
import type { WebhookInbox } from '../store/ports.ts';
import type { RejectionLog } from './rejections.ts';
import { checkSignature } from './signature.ts';

export const WEBHOOK_PATH = '/webhooks/webkasa';

/** One megabyte, and ten seconds to send it in. */
export const BODY_LIMITS = { limit: 1_000_000, timeout: 10_000 };

export type ReceiverDeps = {
  readonly inbox: Pick<WebhookInbox, 'accept'>;
  readonly rejections: Pick<RejectionLog, 'add'>;
  readonly secrets: readonly string[];
  readonly now: () => number;
  /** Called after a new webhook was made durable. */
  readonly onAccepted: () => void;
  readonly log: Log;
  readonly limits?: typeof BODY_LIMITS;
};

const SIGNATURE_HELP = {
  missing: 'The X-WebKasa-Signature header is missing.',
  malformed: 'The X-WebKasa-Signature header is not of the form sha256=<64 lower-case hex digits>.',
  wrong: 'The signature does not fit this body and secret.',
} as const;

/**
 * `POST /webhooks/webkasa`. Answers 200 only after the webhook is committed and synced; everything else leaves the store
 * as it was, and is remembered as a rejection so that "why did nothing arrive?" can be answered.
 */
export const webhookRouter = (deps: ReceiverDeps): Router => {
  const router = new Router();
  router.post(WEBHOOK_PATH, (ctx) => receive(ctx, deps));
  router.all(WEBHOOK_PATH, methodNotAllowed('POST'));
  return router;
};

/** The two fields alone: a megabyte can be half a million objects, too many to keep for each that waits for its commit. */
const identify = (body: Uint8Array): Pick<Webhook, 'id' | 'type'> | { problem: string } => {
  const parsed = parseWebhook(body);
  return 'problem' in parsed ? parsed : { id: parsed.webhook.id, type: parsed.webhook.type };
};

const receive = async (ctx: Context, deps: ReceiverDeps): Promise<void> => {
  const { inbox, secrets, now, onAccepted, log, limits = BODY_LIMITS } = deps;
  const reject = (reason: string, error: HttpError, bytes: number): HttpError => {
    deps.rejections.add({
      at: now(),
      reason,
      remote: ctx.ip,
      bytes,
      userAgent: ctx.get('user-agent').slice(0, 200),
    });
    log.info({ reason, remote: ctx.ip, bytes }, 'a request was rejected');
    return error;
  };

  const body = await readBody(ctx.req, limits).catch((error: unknown) => {
    throw error instanceof HttpError ? reject(error.code, error, Number(ctx.get('content-length')) || 0) : error;
  });
  const check = checkSignature(ctx.get('x-webkasa-signature'), body, secrets);
  if (check !== 'valid') {
    const error = new HttpError(401, 'invalid_signature', SIGNATURE_HELP[check]);
    throw reject(`signature_${check}`, error, body.length);
  }
  const named = identify(body);
  if ('problem' in named)
    throw reject('invalid_payload', new HttpError(400, 'invalid_payload', named.problem), body.length);

  const { id, type } = named;
  const outcome = await inbox.accept({ id, type, receivedAt: now(), body }).catch((error: unknown) => {
    log.error({ webhook: id, error: messageOf(error) }, 'a webhook could not be stored; WebKasa will send it again');
    throw new HttpError(503, 'unavailable', 'The webhook could not be stored; send it again.', { 'Retry-After': '60' });
  });
  if (outcome === 'stored') onAccepted();
  ctx.body = outcome === 'stored' ? { received: true } : { received: true, duplicate: true };
};
