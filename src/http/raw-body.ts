import type { IncomingMessage } from 'node:http';
import { HttpError } from './errors.ts';

export type BodyLimits = {
  /** Most bytes accepted. */
  readonly limit: number;
  /** Milliseconds in which the whole body must have come. */
  readonly timeout: number;
};

/**
 * Reads the exact bytes of a request. Never holds more than the limit.
 * Throws 413 `payload_too_large`, 408 `request_timeout`, or 400 `aborted` where the sender went away.
 */
export const readBody = (request: IncomingMessage, { limit, timeout }: BodyLimits): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;

    const settle = (error?: HttpError): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      if (!error) {
        resolve(Buffer.concat(chunks, size));
        return;
      }
      // The rest is read and thrown away: closing on a sender that still sends would take the answer from it. The
      // server's limit for a whole request ends this for a sender that never stops.
      request.on('error', () => {}).resume();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) settle(tooLarge(limit));
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle();
    const onClose = (): void =>
      settle(new HttpError(400, 'aborted', 'The request ended before its body was complete.'));
    const timer = setTimeout(() => settle(tooSlow(timeout)), timeout);

    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
    if (Number(request.headers['content-length']) > limit) settle(tooLarge(limit));
  });

const tooLarge = (limit: number): HttpError =>
  new HttpError(413, 'payload_too_large', `The body is larger than ${limit} bytes.`);

const tooSlow = (timeout: number): HttpError =>
  new HttpError(408, 'request_timeout', `The body did not arrive within ${timeout / 1000} seconds.`, {
    Connection: 'close',
  });
