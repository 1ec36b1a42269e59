import type { KnownBlock } from '@slack/web-api';
import { RERUN_DIALOG } from '../../template/slack-buttons.ts';
import type { SlackDialog } from './answer.ts';
import { plainOf } from './blocks.ts';

/** The dialog of a rerun. With `sent` it can be submitted, and Slack then returns `metadata` (at most 3,000 characters). */
export const dialog = (
  blocks: readonly KnownBlock[],
  sent?: { readonly submit: string; readonly metadata: string },
): SlackDialog => ({
  type: 'modal',
  callback_id: RERUN_DIALOG.callback,
  title: plainOf('Run again', 24),
  close: plainOf(sent ? 'Cancel' : 'Close', 24),
  ...(sent && { submit: plainOf(sent.submit, 24), private_metadata: sent.metadata }),
  blocks: [...blocks],
});
