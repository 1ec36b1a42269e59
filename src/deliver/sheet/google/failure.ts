import { z } from 'zod';
import { DeliveryError } from '../../../core/errors.ts';

const AnswerSchema = z.object({
  error: z.object({
    message: z.string().default(''),
    status: z.string().default(''),
    details: z.array(z.object({ reason: z.string().optional() })).default([]),
  }),
});

/** The facts about a call that decide what its failure means. */
export type Call = {
  readonly spreadsheet: string;
  /** The service account's address. */
  readonly email: string;
  readonly writes: boolean;
};

/** The Retry-After header, seconds or a date (RFC 9110 §10.2.3), as milliseconds from now; undefined where there is none. */
export const retryAfterOf = ({ headers }: Response): number | undefined => {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(milliseconds) ? Math.min(Math.max(milliseconds, 1_000), 3_600_000) : undefined;
};

/** The wait where Google names none: quotas are per minute (developers.google.com/workspace/sheets/api/limits). */
const QUOTA_REST = 30_000;

/** What an answer other than 2xx means. A write refused with 4xx was not carried out; after 5xx it may have been. */
export const answerFailure = (response: Response, body: unknown, call: Call): DeliveryError => {
  const { spreadsheet, email, writes } = call;
  // A gateway got no answer (RFC 9110 §15.6.3, §15.6.5): the request may still be in progress behind it.
  if (response.status === 502 || response.status === 504) return noAnswer(undefined, call);
  const { message, status, details } = AnswerSchema.safeParse(body).data?.error ?? {
    message: '',
    status: '',
    details: [],
  };
  const where = `the Google spreadsheet ${spreadsheet}`;
  const fail = (code: string, text: string): DeliveryError => new DeliveryError(code, text, { verdict: 'retry' });

  if (response.status === 429) {
    const retryAfterMs = retryAfterOf(response) ?? QUOTA_REST;
    return new DeliveryError('google_quota', "Google's quota for this minute is used up; the row waits for the next.", {
      verdict: 'wait',
      retryAfterMs,
    });
  }
  if (response.status >= 500) {
    return new DeliveryError(
      'google_unavailable',
      `Google answered with ${response.status}. ${writes ? 'Whether the row was written is looked up first' : 'It is tried again'}.`,
      { verdict: 'retry', unclear: writes },
    );
  }
  if (response.status === 401) {
    return fail('google_credentials', `Google does not take the sign-in of ${email}. Is its key still valid?`);
  }
  if (details.some(({ reason }) => reason === 'SERVICE_DISABLED')) {
    return fail(
      'google_api_off',
      'The Google Sheets API is off in the project of the service account. Turn it on in the Google Cloud console (APIs & ' +
        'Services); the row waits.',
    );
  }
  if (response.status === 403) {
    return fail(
      'no_permission',
      `The bot may not write to ${where}. Share it with ${email} as an editor; the row waits.`,
    );
  }
  if (response.status === 404) {
    return fail(
      'spreadsheet_not_found',
      `There is no Google spreadsheet ${spreadsheet}, or it is not shared with ${email}. Take the id from its address ` +
        '(…/spreadsheets/d/ID/edit) and share it; the row waits.',
    );
  }
  if (/above the limit of \d+ cells/i.test(message)) {
    return fail(
      'spreadsheet_full',
      `${capital(where)} is full: Google allows 10,000,000 cells, empty ones too. Delete rows or columns, or name another ` +
        'in the rule; the row waits.',
    );
  }
  if (/protected (?:cell|range|sheet)/i.test(message)) {
    return fail('protected', `A part of ${where} is protected. Let ${email} edit it; the row waits.`);
  }
  if (status === 'FAILED_PRECONDITION') {
    return fail(
      'no_spreadsheet',
      `${spreadsheet} is no Google spreadsheet: an Excel file in Drive has to be saved as one first. The row waits.`,
    );
  }
  return fail(
    'google_refused',
    `Google refused the row for ${where} (${response.status} ${status}).`.replace(/ \)/, ')'),
  );
};

/** A call without an answer: refused connections, resets, timeouts. A write may have been carried out. */
export const noAnswer = (cause: unknown, { writes }: Call): DeliveryError =>
  new DeliveryError(
    'google_unreachable',
    `Google did not answer. ${writes ? 'Whether the row was written is looked up first' : 'It is tried again'}.`,
    { verdict: 'retry', unclear: writes, cause },
  );

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
