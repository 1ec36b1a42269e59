import { OperatorError } from '../../core/errors.ts';
import type { CommandName } from '../command/command.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { failureView } from '../view/failure.ts';
import { refusalView } from '../view/refusal.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';
import { traceOf } from './trace.ts';

/**
 * Sends what `work` answers, to the asker alone. Never rejects: a failure becomes an answer that says what to do, and a
 * line in the log. Nothing is sent where `work` has answered by itself.
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

/** Only what the bot itself says of a failure is for people and the log: any other message may quote what somebody typed. */
export const failureAnswer = (
  { look, log }: Pick<HandleDeps, 'look' | 'log'>,
  about: CommandName,
  error: unknown,
): SlackAnswer => {
  log.error({ command: about, error: traceOf(error) }, 'somebody in Slack could not be answered');
  const known = error instanceof OperatorError;
  return failureView(
    { about, message: known ? error.message : null, remedy: known ? (error.remedy ?? null) : null },
    look(),
  );
};

/** For operators alone: answers others with who can, and nothing is done. */
export const operatorsOnly = async (
  deps: Pick<HandleDeps, 'operators' | 'look'>,
  asker: Pick<Asker, 'actor' | 'team'>,
  about: CommandName,
  work: () => Promise<SlackAnswer>,
): Promise<SlackAnswer> => {
  const permission = await deps.operators.allows(asker.actor.id, asker.team);
  return permission.ok ? work() : refusalView({ about, who: permission.who }, deps.look());
};
