import { previewRerun } from '../../query/rerun.ts';
import { codeOf } from '../answer/code.ts';
import { ownWords, traceOf } from '../trace.ts';
import type { SlackDialog } from '../view/answer.ts';
import { rerunDialog, rerunLoadingDialog } from '../view/rerun.ts';
import { rerunNotOpenedView } from '../view/rerun-not-opened.ts';
import { rerunNotPossibleDialog } from '../view/rerun-not-possible.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';
import { notOpened } from './rerun-not-opened.ts';
import { writeOrigin } from './rerun-origin.ts';

type OpenDeps = Pick<HandleDeps, 'rerun' | 'operators' | 'look' | 'log'>;

/**
 * Opens the dialog that shows what a rerun would do. It is opened at once and filled in afterwards, because Slack allows
 * three seconds for the opening, and the store may take longer. Never rejects.
 */
export const openRerun = async (deps: OpenDeps, asker: Asker, id: string): Promise<void> => {
  const { log } = deps;
  const told = (problem: string): Promise<unknown> => asker.answerer.reply(rerunNotOpenedView({ id, problem }));
  const opened = await open(asker, rerunLoadingDialog(id));
  if ('refused' in opened) {
    log.warn({ code: opened.refused }, 'Slack did not open the dialog of a rerun');
    await told(`${notOpened(opened.refused)} Nothing was done.`);
    return;
  }
  const shown = await show(asker, opened.view, await dialogOf(deps, asker, id));
  if (shown === 'shown') return;
  log.warn({ code: shown.refused }, 'Slack did not show what a rerun would do');
  await told(
    shown.refused === 'not_found'
      ? 'The dialog was closed before it could show what would happen. Nothing was done.'
      : `${notOpened(shown.refused)} Nothing was done; close the dialog that is still open.`,
  );
};

const open = async (
  { client, trigger }: Asker,
  view: SlackDialog,
): Promise<{ readonly view: string } | { readonly refused: string }> => {
  try {
    const answer = await client.views.open({ trigger_id: trigger, view });
    return answer.view?.id ? { view: answer.view.id } : { refused: 'no_view' };
  } catch (error) {
    return { refused: codeOf(error) };
  }
};

/** The filled-in dialog. Lacking permission and failures are explained in it too, since it is open by now. */
const dialogOf = async ({ rerun, operators, look, log }: OpenDeps, asker: Asker, id: string): Promise<SlackDialog> => {
  try {
    const permission = await operators.allows(asker.actor.id);
    if (!permission.ok) return rerunNotPossibleDialog({ id, reason: 'refused', who: permission.who });
    const preview = await previewRerun(rerun, id);
    const origin = { webhookId: preview.webhook?.id ?? '', channel: asker.channel.id, responseUrl: asker.responseUrl };
    return rerunDialog(preview, writeOrigin(origin), look());
  } catch (error) {
    log.error({ command: 'rerun', error: traceOf(error) }, 'what a rerun would do could not be found out');
    return rerunNotPossibleDialog({ id, reason: 'failed', ...ownWords(error) });
  }
};

const show = async (
  { client }: Asker,
  view: string,
  dialog: SlackDialog,
): Promise<'shown' | { readonly refused: string }> => {
  try {
    await client.views.update({ view_id: view, view: dialog });
    return 'shown';
  } catch (error) {
    return { refused: codeOf(error) };
  }
};
