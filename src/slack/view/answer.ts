import type { KnownBlock, ModalView } from '@slack/web-api';

/** A message for Slack: `text` for notifications and screen readers (never empty), `blocks` for the eye. */
export type SlackAnswer = { readonly text: string; readonly blocks: readonly KnownBlock[] };

/** A dialog, as views.open and views.update take it. */
export type SlackDialog = ModalView;

/** What a view has to know of where it is read. */
export type SlackLook = {
  /** The zone for times that the data gives none for (TIMEZONE); named beside every time that is no date token. */
  readonly timezone: string;
  readonly locale: string;
  /** Unix milliseconds. */
  readonly now: number;
};
