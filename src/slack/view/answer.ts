import type { KnownBlock, ModalView } from '@slack/web-api';

/** A message for Slack: `text` for notifications and screen readers (never empty), `blocks` for display. */
export type SlackAnswer = { readonly text: string; readonly blocks: readonly KnownBlock[] };

/** A dialog, as views.open and views.update take it. */
export type SlackDialog = ModalView;

/** What a view needs to know to write times. */
export type SlackLook = {
  /** TIMEZONE, for times whose data names no zone. Named beside every time that is not a date token. */
  readonly timezone: string;
  readonly locale: string;
  /** The current time in Unix milliseconds. */
  readonly now: number;
};
