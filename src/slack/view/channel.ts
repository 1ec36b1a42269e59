import { said } from './words.ts';

/** A channel as rules and subscriptions name it: Slack shows an id by the name the channel has now. */
export const channelShown = (channel: string): string =>
  /^[CG][A-Z0-9]{5,30}$/.test(channel) ? `<#${channel}>` : said(channel);
