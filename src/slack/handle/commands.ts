import type { Command } from '../command/command.ts';
import { parseCommand } from '../command/parse.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { problemView } from '../view/problem.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';
import { pause, resume } from './pausing.ts';
import { answerQuestion } from './questions.ts';
import { openRerun } from './rerun.ts';
import { operatorsOnly, respond } from './respond.ts';
import { retryNow } from './retry.ts';
import { subscribe } from './subscribe.ts';
import { unsubscribe } from './unsubscribe.ts';

/** Runs what was typed after /webkasa, and answers the person who typed it. Never rejects. */
export const handleCommand = async (deps: HandleDeps, asker: Asker, typed: string): Promise<void> => {
  const parsed = parseCommand(typed, deps.look());
  if ('problem' in parsed) {
    await respond(deps, asker, parsed.about ?? 'help', async () => problemView(parsed, deps.look()));
  } else if (parsed.command.name === 'rerun') {
    // Answers in a dialog, which has to be opened within three seconds.
    await openRerun(deps, asker, parsed.command.id);
  } else {
    const { command } = parsed;
    await respond(deps, asker, command.name, () => answerTo(deps, asker, command));
  }
};

const answerTo = async (
  deps: HandleDeps,
  asker: Asker,
  command: Exclude<Command, { readonly name: 'rerun' }>,
): Promise<SlackAnswer | undefined> => {
  const asOperator = (work: () => Promise<SlackAnswer>): Promise<SlackAnswer> =>
    operatorsOnly(deps, asker, command.name, work);
  switch (command.name) {
    case 'retry':
      return asOperator(() => retryNow(deps, asker, command.id));
    case 'subscribe':
      return asOperator(() => subscribe(deps, asker, command));
    case 'unsubscribe':
      return asOperator(() => unsubscribe(deps, asker, command.which));
    case 'pause':
      return asOperator(() => pause(deps, asker, command.rule));
    case 'resume':
      return asOperator(() => resume(deps, asker, command.rule));
    default:
      return answerQuestion(deps, command, 0);
  }
};
