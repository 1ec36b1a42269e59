/*
 * The buttons on the bot's messages in Slack: deliver/ puts them there, slack/ answers them. A card lives for years, so an
 * action id never changes its meaning. `value` is what stands after each name.
 */
export const BUTTONS = {
  /** The id of a resource, webhook or delivery. */
  why: 'webkasa_why',
  show: 'webkasa_show',
  rerun: 'webkasa_rerun',
  retry: 'webkasa_retry',
  /** Nothing: retries everything that is dead or waits. */
  retryAll: 'webkasa_retry_all',
  /** The id of a summary (`sum_…`). */
  list: 'webkasa_list',
  /** A question as it is typed after /webkasa, whose answer replaces the message; `@40` in front where it goes on at the 41st. */
  ask: 'webkasa_ask',
  /** The same, whose answer is posted to the channel. */
  post: 'webkasa_post',
  /** A link: Slack tells of the click, and nothing has to be done. */
  link: 'webkasa_link',
} as const;

/** The dialog of `rerun`: its callback id, and the block and action of its checkboxes. */
export const RERUN_DIALOG = {
  callback: 'webkasa_rerun_dialog',
  block: 'webkasa_effects',
  action: 'webkasa_effects',
} as const;
