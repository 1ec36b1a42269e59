import { runAgain } from '../../query/rerun.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { problemView } from '../view/problem.ts';
import { rerunOutcomeView } from '../view/rerun-outcome.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';
import type { RerunOrigin } from './rerun-origin.ts';

/** Runs what was ticked. The dialog's id serves as idempotency token: submitting it a second time does nothing more. */
export const submitRerun = async (
  { rerun, onDue, look }: Pick<HandleDeps, 'rerun' | 'onDue' | 'look'>,
  { actor }: Pick<Asker, 'actor'>,
  submitted: { readonly origin: RerunOrigin; readonly view: string; readonly ticked: readonly string[] },
): Promise<SlackAnswer> => {
  const { origin, view, ticked } = submitted;
  const request = { id: origin.webhookId, chosen: ticked, token: `dialog ${view}`, by: actor };
  const outcome = await runAgain(rerun, request, look().now);
  onDue();
  return rerunOutcomeView(outcome, look());
};

/** The answer to a dialog whose metadata can't be read. */
export const staleDialog = ({ look }: Pick<HandleDeps, 'look'>): SlackAnswer =>
  problemView(
    {
      problem: 'This dialog is of another version of the bot; nothing was done. Open it again.',
      about: 'rerun',
      nearest: null,
    },
    look(),
  );
