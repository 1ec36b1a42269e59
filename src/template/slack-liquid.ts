import type { Liquid } from 'liquidjs';
import { createLiquid, type Escape, plain } from './engine.ts';
import { mrkdwn, plainText } from './mrkdwn.ts';
import { dateToken } from './slack-moment.ts';
import type { When } from './when.ts';

const isWhen = (value: unknown): value is When => typeof value === 'object' && value !== null && 'unix' in value;

/**
 * `{{ when | slack_time }}`: the start in the reader's own time zone, as Slack's date token; its fallback, for clients
 * that can't, names the booking's zone. A date without a time is written in words.
 */
const slackTime = (when: unknown): string => {
  if (!isWhen(when)) return '';
  return when.unix === null ? mrkdwn(when.text) : dateToken(when.unix, '{date_long_pretty} at {time}', when.text);
};

const withSlackTime = (escapeData: Escape, filter: { raw: boolean; handler: (when: unknown) => string }): Liquid => {
  const engine = createLiquid({ escape: escapeData });
  engine.registerFilter('slack_time', filter);
  return engine;
};

const inWords = { raw: false, handler: (when: unknown): string => (isWhen(when) ? when.text : '') };

export type SlackLiquid = {
  /** For `mrkdwn` text and the message's `text`. */
  readonly mrkdwn: Liquid;
  /** For `plain_text`, addresses and ids: nothing is parsed there. */
  readonly plain: Liquid;
  /** For values that other strings use, and which are escaped there. */
  readonly values: Liquid;
};

export const createSlackLiquid = (): SlackLiquid => ({
  mrkdwn: withSlackTime(mrkdwn, { raw: true, handler: slackTime }),
  plain: withSlackTime(plainText, inWords),
  values: withSlackTime(plain, inWords),
});
