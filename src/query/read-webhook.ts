import { parseWebhook, type Webhook } from '../core/webhook.ts';
import type { StoryWebhook } from '../store/ports.ts';

/** Parses the stored body of a webhook. One that is damaged still has its id and type. */
export const readWebhook = ({ id, type, body }: StoryWebhook): Webhook => {
  const parsed = parseWebhook(body);
  return 'webhook' in parsed ? parsed.webhook : { id, type };
};
