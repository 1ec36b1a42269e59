import type { CommandName } from '../command/command.ts';
import { ownWords, traceOf } from '../trace.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { failureView } from '../view/failure.ts';
import { refusalView } from '../view/refusal.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';

/**
 * Sends the answer of `work` to the asker alone; nothing for undefined, where `work` has answered by itself. With `replace`
 * the answer takes the place of the message whose button was pressed. Never rejects: a failure is logged, and answered with
 * what to do.
 */
export const respond = async (
  deps: Pick<HandleDeps, 'look' | 'log'>,
  asker: Pick<Asker, 'answerer'>,
  about: CommandName,
  work: () => Promise<SlackAnswer | undefined>,
  how: { readonly replace?: boolean } = {},
): Promise<void> => {
  const answer = await work().catch((error: unknown) => failureAnswer(deps, about, error));
  if (answer) await (how.replace ? asker.answerer.replace(answer) : asker.answerer.reply(answer));
};

/** Logs a failure, and makes the answer for the asker. */
const failureAnswer = (
  { look, log }: Pick<HandleDeps, 'look' | 'log'>,
  about: CommandName,
  error: unknown,
): SlackAnswer => {
  log.error({ command: about, error: traceOf(error) }, 'somebody in Slack could not be answered');
  return failureView({ about, ...ownWords(error) }, look());
};

/** Does `work` for operators only; others are told who may do it. */
export const operatorsOnly = async (
  deps: Pick<HandleDeps, 'operators' | 'look'>,
  asker: Pick<Asker, 'actor'>,
  about: CommandName,
  work: () => Promise<SlackAnswer>,
): Promise<SlackAnswer> => {
  const permission = await deps.operators.allows(asker.actor.id);
  return permission.ok ? work() : refusalView({ about, who: permission.who }, deps.look());
};
