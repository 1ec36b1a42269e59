import { z } from 'zod';
import { OperatorError } from '../../core/errors.ts';

/** What an open dialog has to remember: of which webhook it is, and where it was asked for. */
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

/** What Slack keeps with a view, and gives back when it is submitted: 3,000 characters. */
const MOST = 3_000;

/** Throws where a webhook's id is so long that Slack could not keep it. */
export const writeOrigin = (origin: RerunOrigin): string => {
  const text = JSON.stringify(origin);
  if (text.length <= MOST) return text;
  throw new OperatorError('The id of this webhook is too long for a dialog of Slack.', {
    remedy: 'Run it again on the command line: npm run cli -- rerun ID',
  });
};

/** undefined where it is none, which only a dialog of another version of the bot could have. */
export const readOrigin = (text: string): RerunOrigin | undefined => {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};
