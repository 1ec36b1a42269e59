import { createdAt } from '../../core/webhook.ts';
import type { Channel } from '../channel.ts';
import { type MessageDeps, slackMessage } from '../slack/message.ts';
import { writeOutboxFile } from './file.ts';

/**
 * Stands in for Slack where no token is set: each post becomes a JSON file of the arguments chat.postMessage would have
 * got.
 */
export const createSlackOutbox = ({ folder, ...deps }: MessageDeps & { readonly folder: string }): Channel => ({
  kind: 'slack',
  concurrency: 8,
  async perform(delivery) {
    const content = `${JSON.stringify(slackMessage(delivery, deps), undefined, 2)}\n`;
    const at = createdAt(delivery.webhook, delivery.receivedAt);
    const file = await writeOutboxFile({ folder, at, id: delivery.id, ending: '.json', content }, 'SLACK_BOT_TOKEN');
    return { summary: `written to ${file}`, detail: { file } };
  },
});
