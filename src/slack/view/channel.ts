import { isChannelId } from '../../core/slack-id.ts';
import { said } from './words.ts';

/** A channel in mrkdwn, as rules and subscriptions name it. An id becomes a link, which Slack shows with the current name. */
export const channelShown = (channel: string): string => (isChannelId(channel) ? `<#${channel}>` : said(channel));

/** Turns a channel's id within a mrkdwn text into a link. */
export const namingChannel = (text: string, channel: string): string =>
  isChannelId(channel) ? text.replaceAll(channel, `<#${channel}>`) : text;
