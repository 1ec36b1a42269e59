import { z } from 'zod';
import { prune } from '../core/webhook.ts';

/** The outcome of one request to WebKasa's API. */
export type Answer =
  | { readonly as: 'found'; readonly body: Readonly<Record<string, unknown>> }
  /** 404 or 410. */
  | { readonly as: 'absent' }
  /** Not an answer of this API, or one that is too large: asking again would bring the same. */
  | { readonly as: 'unreadable' }
  /** 401 or 403. */
  | { readonly as: 'refused' }
  /** 429, with how many milliseconds to wait. */
  | { readonly as: 'limited'; readonly retryAfter: number }
  /** A transient failure, with how many milliseconds the server asks to be left alone. */
  | { readonly as: 'unavailable'; readonly retryAfter?: number };

/** Larger than a page of fifty WebKasa objects will ever be. A larger page that exceeds it is asked for in smaller ones. */
const MOST_BYTES = 1_000_000;
const MOST_LEVELS = 20;
const LONGEST_WAIT = 10 * 60_000;
/** For a 429 that does not say how long to wait. */
const DEFAULT_WAIT = 60_000;

/** Reads a response, at most a megabyte of it. Rejects if the connection breaks. */
export const readAnswer = async (response: Response): Promise<Answer> => {
  const { status, headers } = response;
  const text = await readText(response);
  if (status === 429) return { as: 'limited', retryAfter: retryAfterOf(headers, text) ?? DEFAULT_WAIT };
  if (status === 401 || status === 403) return { as: 'refused' };
  if (status >= 500 || status === 408) return { as: 'unavailable', retryAfter: retryAfterOf(headers, text) ?? 0 };
  if (status === 404 || status === 410) return { as: 'absent' };
  const body = status === 200 ? parse(text) : undefined;
  return body ? { as: 'found', body } : { as: 'unreadable' };
};

const readText = async (response: Response): Promise<string | undefined> => {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
};

const bodySchema = z.looseObject({ data: z.union([z.looseObject({}), z.array(z.unknown())]) });

const parse = (text: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    const json: unknown = JSON.parse(text ?? '');
    prune(json, MOST_LEVELS);
    return bodySchema.safeParse(json).success ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

const limitedSchema = z.looseObject({ retry_after: z.number().nonnegative() });

/** Milliseconds from the Retry-After header (seconds, or a date by the server's own clock), else from the body. */
const retryAfterOf = (headers: Headers, text: string | undefined): number | undefined => {
  const header = headers.get('Retry-After')?.trim() ?? '';
  if (/^\d{1,9}$/.test(header)) return bounded(Number(header) * 1000);
  const date = Date.parse(header);
  if (!Number.isNaN(date)) {
    const theirs = Date.parse(headers.get('Date') ?? '');
    if (!Number.isNaN(theirs)) return bounded(date - theirs + 1_000);
  }
  try {
    const told = limitedSchema.safeParse(JSON.parse(text ?? ''));
    return told.success ? bounded(told.data.retry_after * 1000) : undefined;
  } catch {
    return undefined;
  }
};

const bounded = (milliseconds: number): number => Math.min(Math.max(milliseconds, 1_000), LONGEST_WAIT);
