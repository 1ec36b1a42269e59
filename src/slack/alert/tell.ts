import type { WebClient } from '@slack/web-api';
import type { Log } from '../../runtime/log.ts';
import { codeOf } from '../answer/code.ts';
import type { SlackAnswer } from '../view/answer.ts';

export type TellDeps = {
  readonly client: Pick<WebClient, 'chat'>;
  /** The name or id of the channel that alerts are posted to. */
  readonly alertChannel: string;
  readonly log: Log;
};

/** Posts an alert to the alert channel; false, and a line in the log, if that failed. Never rejects. */
export const tell = async (
  { client, alertChannel, log }: TellDeps,
  { text, blocks }: SlackAnswer,
): Promise<boolean> => {
  try {
    await client.chat.postMessage({
      channel: alertChannel,
      text,
      blocks: [...blocks],
      unfurl_links: false,
      unfurl_media: false,
    });
    return true;
  } catch (error) {
    log.warn({ channel: alertChannel, code: codeOf(error) }, 'Slack: the alert channel did not take an alert');
    return false;
  }
};
