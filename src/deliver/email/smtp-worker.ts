/*
 * The thread that talks to the mail server; started by smtp-thread.ts, and besides the store's the one module that acts
 * on import.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createSmtpTransport } from './smtp.ts';
import { packAcceptance, packError, type SmtpAnswer, type SmtpCall } from './smtp-calls.ts';
import type { OutgoingMail } from './transport.ts';

const transport = createSmtpTransport(workerData as string);
type UnderWay = { readonly attempt: AbortController; readonly done: Promise<void> };
const underWay = new Map<number, UnderWay>();

const answer = (told: SmtpAnswer): void => parentPort?.postMessage(told);

const send = async (call: number, mail: OutgoingMail, signal: AbortSignal): Promise<void> => {
  try {
    answer({ call, accepted: packAcceptance(await transport.send(mail, signal)) });
  } catch (error) {
    answer({ call, failed: packError(error) });
  }
  underWay.delete(call);
};

const begin = (call: number, mail: OutgoingMail): void => {
  const attempt = new AbortController();
  underWay.set(call, { attempt, done: send(call, mail, attempt.signal) });
};

const close = async (): Promise<void> => {
  await Promise.all([...underWay.values()].map(({ done }) => done));
  await transport.close();
  parentPort?.close();
};

parentPort?.on('message', (asked: SmtpCall) => {
  if (asked.does === 'send') begin(asked.call, asked.mail);
  else if (asked.does === 'stop') underWay.get(asked.call)?.attempt.abort();
  else void close();
});
