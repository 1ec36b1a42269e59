/*
 * Slack's ids are capital letters and digits, and the first letter tells what of
 * (https://docs.slack.dev/reference/objects/conversation-object). Channels' names have no capital letters, so the two are
 * never mistaken for each other; how long ids are Slack does not promise.
 */

/** Whether it is the id of a channel, a private group or a direct message. */
export const isChannelId = (text: string): boolean => /^[CDG][A-Z0-9]+$/.test(text);

/** Whether it is the id of a person. */
export const isUserId = (text: string): boolean => /^[UW][A-Z0-9]+$/.test(text);

/** Whether it can be the name of a channel, with or without its #. */
export const isChannelName = (text: string): boolean => /^#?[\p{L}\p{M}\p{N}_-]{1,80}$/u.test(text);
