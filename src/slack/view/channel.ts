import { isChannelId } from '../../core/slack-id.ts';
import { said } from './words.ts';

/** A channel as rules and subscriptions name it: Slack shows an id by the name the channel has now. */
export const channelShown = (channel: string): string => (isChannelId(channel) ? `<#${channel}>` : said(channel));

/** A text for mrkdwn that speaks of this channel, perhaps by its id. */
export const namingChannel = (text: string, channel: string): string =>
  isChannelId(channel) ? text.replaceAll(channel, `<#${channel}>`) : text;
