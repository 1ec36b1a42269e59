import { isChannelId } from '../../core/slack-id.ts';
import { said } from './words.ts';

/** A channel as rules and subscriptions name it: Slack shows an id by the name the channel has now. */
export const channelShown = (channel: string): string => (isChannelId(channel) ? `<#${channel}>` : said(channel));
