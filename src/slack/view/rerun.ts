import type { RerunPreview } from '../../query/rerun.ts';
import { RERUN_DIALOG } from '../../template/slack-buttons.ts';
import type { SlackDialog, SlackLook } from './answer.ts';
import { context, section } from './blocks.ts';
import { dialog } from './dialog.ts';
import { choices, leftBlocks, splitEffects } from './rerun-choice.ts';
import { rerunNotPossibleDialog } from './rerun-not-possible.ts';
import { resourceHeading } from './resource.ts';
import { moment } from './times.ts';
import { bold, code, joined, said } from './words.ts';

/** The dialog shown while the preview is made, because Slack wants one within three seconds. */
export const rerunLoadingDialog = (id: string): SlackDialog =>
  dialog(
    section([`Looking at what running ${code(id) || 'it'} again would do …`, 'Nothing is sent before you say so.']),
  );

/**
 * The dialog that offers, action by action, what a rerun would do. What reaches the attendee is never ticked in advance.
 * `metadata` comes back with the submission. If there is nothing to choose, the dialog can't be submitted.
 */
export const rerunDialog = (preview: RerunPreview, metadata: string, look: SlackLook): SlackDialog => {
  const { id, webhook, resource, effects, unplanned } = preview;
  if (webhook === null) return rerunNotPossibleDialog({ id, reason: 'unknown' });
  const { choosable, fixed } = splitEffects(effects);
  const nothing = choosable.length === 0;
  const blocks = [
    ...(resource === null ? [] : resourceHeading(resource, look)),
    ...section([
      joined(bold(said(webhook.type)), moment(webhook.receivedAt, look), code(webhook.id)),
      nothing ? bold('There is nothing to do.') : "Tick what is to happen, under today's rules and templates.",
    ]),
    ...choices(choosable, look),
    ...context(choosable.some(({ toldAt }) => toldAt !== null) && `Times in the choice are in ${said(look.timezone)}.`),
    ...leftBlocks(fixed, unplanned, look),
  ];
  return dialog(blocks, nothing ? undefined : { submit: 'Run again', metadata });
};

/** The ids of the ticked effects, read from the state of a submitted dialog. */
export const chosenEffects = (values: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string[] =>
  Object.entries(values)
    .filter(([block]) => block.startsWith(RERUN_DIALOG.block))
    .flatMap(([, actions]) => valuesIn(actions[RERUN_DIALOG.action]));

const valuesIn = (state: unknown): string[] => {
  if (typeof state !== 'object' || state === null || !('selected_options' in state)) return [];
  const { selected_options: selected } = state;
  if (!Array.isArray(selected)) return [];
  return selected.flatMap((option: unknown) =>
    typeof option === 'object' && option !== null && 'value' in option && typeof option.value === 'string'
      ? [option.value]
      : [],
  );
};
