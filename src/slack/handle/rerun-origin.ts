import { z } from 'zod';
import { OperatorError } from '../../core/errors.ts';

/** What an open dialog carries in its metadata: the webhook it is about, and where it was asked for. */
export type RerunOrigin = {
  readonly webhookId: string;
  readonly channel: string;
  readonly responseUrl?: string | undefined;
};

const schema = z.object({
  webhookId: z.string().min(1),
  channel: z.string(),
  responseUrl: z.string().optional(),
});

/** Slack's limit of a view's private_metadata, in characters. */
const MOST = 3_000;

/** As private_metadata. Throws an OperatorError if the webhook's id is too long to fit. */
export const writeOrigin = (origin: RerunOrigin): string => {
  const text = JSON.stringify(origin);
  if (text.length <= MOST) return text;
  throw new OperatorError('The id of this webhook is too long for a dialog of Slack.', {
    remedy: 'Run it again on the command line: npm run cli -- rerun ID',
  });
};

/** Reads private_metadata; undefined if it was written by another version of the bot. */
export const readOrigin = (text: string): RerunOrigin | undefined => {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};
