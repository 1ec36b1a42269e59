import { CLI, type Look } from '../query/cli/look.ts';
import { visible } from '../query/cli/visible.ts';
import type { Answer } from './post.ts';
import type { Totals } from './send-many.ts';

/** The answer to one webhook, and which webhook it was. */
export type SentOne = Answer & {
  readonly url: string;
  readonly accepted: boolean;
  readonly webhook: { readonly id: string | null; readonly type: string | null; readonly resource: string | null };
};

export const oneText = (sent: SentOne, secretFrom: string, { paint }: Look): string => {
  const { status, duplicate, error, accepted, webhook } = sent;
  if (!accepted) {
    const what = error ? `${status} ${visible(error.code)}: ${visible(error.message)}` : `${status} from ${sent.url}`;
    return `${paint('red', what)}\n${adviceFor(status, secretFrom)}\n`;
  }
  const { id, type, resource } = webhook;
  const about = resource === null ? '' : ` about ${visible(resource)}`;
  const head = paint('green', `${status}: ${duplicate ? 'received, a duplicate: nothing is done twice' : 'received'}`);
  return id === null
    ? `${head}\n`
    : `${head}\n${visible(type ?? '')} ${visible(id)}${about}\nWhat came of it: ${CLI} why ${visible(id)}\n`;
};

export const manyText = (totals: Totals, secretFrom: string, { paint }: Look): string => {
  const { sent, accepted, duplicates, failed, seconds, perSecond, firstFailure, firstFailureStatus } = totals;
  const failures =
    firstFailure === null
      ? ''
      : `${paint('red', visible(firstFailure))}\n${firstFailureStatus === null ? '' : `${adviceFor(firstFailureStatus, secretFrom)}\n`}`;
  const counts = `sent ${sent}, accepted ${accepted}, duplicates ${duplicates}, failed ${failed}`;
  return `${counts}; ${seconds.toFixed(2)} s, ${perSecond} per second\n${failures}`;
};

const ADVICE: Readonly<Record<number, string>> = {
  400: 'The body has to be a JSON object with a string "id" and "type".',
  404: 'Something else answers there: look at the address and its path.',
  405: 'Something else answers there: look at the address and its path.',
  413: 'A webhook is at most 1 MB.',
  503: 'The bot could not store it: its log says why. WebKasa would send it again, and so may you.',
};

/** What to check after a refusal, by HTTP status. */
const adviceFor = (status: number, secretFrom: string): string =>
  status === 401
    ? `It was signed with the secret of ${secretFrom}; the bot there uses another. Give both the same WEBKASA_WEBHOOK_SECRET and DATA_DIR.`
    : (ADVICE[status] ?? "The bot's log may say more.");
