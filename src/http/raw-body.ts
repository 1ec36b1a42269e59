import type { IncomingMessage } from 'node:http';
import { HttpError } from './errors.ts';

export type BodyLimits = {
  /** Most bytes accepted. */
  readonly limit: number;
  /** Milliseconds in which the whole body must have come. */
  readonly timeout: number;
};

/** Up to so many times the limit is read and thrown away, so that a sender gets to read the answer. */
const DISCARD_FACTOR = 8;

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
      // What is left of the body stays unread, so the connection can't be used for another request.
      request.on('error', () => {}).resume();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > limit * DISCARD_FACTOR) settle(tooLarge(limit));
    };
    const onEnd = (): void => settle(size > limit ? tooLarge(limit) : undefined);
    const onClose = (): void =>
      settle(new HttpError(400, 'aborted', 'The request ended before its body was complete.'));
    const timer = setTimeout(() => settle(tooSlow(timeout)), timeout);

    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
    if (Number(request.headers['content-length']) > limit * DISCARD_FACTOR) settle(tooLarge(limit));
  });

const tooLarge = (limit: number): HttpError =>
  new HttpError(413, 'payload_too_large', `The body is larger than ${limit} bytes.`, { Connection: 'close' });

const tooSlow = (timeout: number): HttpError =>
  new HttpError(408, 'request_timeout', `The body did not arrive within ${timeout / 1000} seconds.`, {
    Connection: 'close',
  });
