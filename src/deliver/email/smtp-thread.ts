import { Worker } from 'node:worker_threads';
import { DeliveryError, messageOf } from '../../core/errors.ts';
import { type SmtpAnswer, type SmtpCall, unpackAcceptance, unpackError } from './smtp-calls.ts';
import { requireSmtpUrl } from './smtp-url.ts';
import type { MailAcceptance, MailTransport } from './transport.ts';

const PROGRAM = new URL('./smtp-worker.ts', import.meta.url);

type Waiting = { resolve(accepted: MailAcceptance): void; reject(error: DeliveryError): void };

/**
 * The transport of smtp.ts in a worker thread: encoding mails and talking to the server is half of a mail's CPU time and
 * would delay webhooks. The thread starts with the first mail. If it dies, its mails fail as unclear, and the next mail starts
 * another. `program` is what it runs. Throws an OperatorError where the URL is not that of an SMTP server.
 */
export const createSmtpThread = (smtpUrl: string, program = PROGRAM): MailTransport => {
  requireSmtpUrl(smtpUrl);
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let calls = 0;
  let closed = false;

  const settle = (answer: SmtpAnswer): void => {
    const asked = waiting.get(answer.call);
    waiting.delete(answer.call);
    if ('accepted' in answer) asked?.resolve(unpackAcceptance(answer.accepted));
    else asked?.reject(unpackError(answer.failed));
  };

  const ended = (one: Worker, why: string): void => {
    if (worker !== one) return;
    worker = undefined;
    const lost = [...waiting.values()];
    waiting.clear();
    for (const { reject } of lost) reject(threadEnded(why));
  };

  const start = (): Worker => {
    const one = new Worker(program, { workerData: smtpUrl });
    one.on('message', settle);
    one.on('error', (error) => ended(one, messageOf(error)));
    one.on('exit', () => ended(one, 'it ended unasked'));
    return one;
  };

  return {
    async send(mail, stop) {
      if (closed) throw alreadyClosed();
      worker ??= start();
      const to = worker;
      calls += 1;
      const call = calls;
      const tell = (asked: SmtpCall): void => to.postMessage(asked);
      // Before it is registered as waiting: a mail that can't be cloned fails here, and alone.
      tell({ does: 'send', call, mail });
      const { promise, resolve, reject } = Promise.withResolvers<MailAcceptance>();
      waiting.set(call, { resolve, reject });
      const letGo = (): void => tell({ does: 'stop', call });
      stop.addEventListener('abort', letGo, { once: true });
      if (stop.aborted) letGo();
      return promise.finally(() => stop.removeEventListener('abort', letGo));
    },
    async close() {
      closed = true;
      const last = worker;
      if (!last) return;
      // Also when an error ends it, of which `ended` informs its mails.
      const { promise: exit, resolve } = Promise.withResolvers<unknown>();
      last.once('exit', resolve);
      last.postMessage({ does: 'close' } satisfies SmtpCall);
      await exit;
    },
  };
};

const alreadyClosed = (): DeliveryError =>
  new DeliveryError('stopped', 'The bot stops. The mail is sent after the next start.', { verdict: 'retry' });

const threadEnded = (why: string): DeliveryError =>
  new DeliveryError(
    'internal',
    `The thread that sends mails failed: ${why}. It is started again, and this mail tried again.`,
    {
      verdict: 'retry',
      unclear: true,
    },
  );
