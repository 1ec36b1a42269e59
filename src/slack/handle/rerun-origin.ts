import { z } from 'zod';

/** What an open dialog has to remember: of what it is, and where it was asked for. */
export type RerunOrigin = {
  /** As asked. */
  readonly id: string;
  readonly webhookId: string;
  readonly channel: string;
  readonly responseUrl?: string | undefined;
};

const schema = z.object({
  id: z.string(),
  webhookId: z.string().min(1),
  channel: z.string(),
  responseUrl: z.string().optional(),
});

/** What Slack keeps with a view, and gives back when it is submitted: 3,000 characters. */
const MOST = 3_000;

/** Ids are WebKasa's own and short; an absurdly long one costs the answer its way back, then it goes by direct message. */
export const writeOrigin = (origin: RerunOrigin): string => {
  const text = JSON.stringify(origin);
  if (text.length <= MOST) return text;
  return JSON.stringify({ id: '', webhookId: origin.webhookId, channel: origin.channel }).slice(0, MOST);
};

/** undefined where it is none, which only a dialog of another version of the bot could have. */
export const readOrigin = (text: string): RerunOrigin | undefined => {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};
