import { BUTTONS } from '../../template/slack-buttons.ts';
import type { CommandName } from '../command/command.ts';
import { isCommandName } from '../command/commands.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { readAsk } from '../view/asked.ts';
import { answerAsk, postAnswer } from './ask.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';
import { answerQuestion } from './questions.ts';
import { openRerun } from './rerun.ts';
import { operatorsOnly, respond } from './respond.ts';
import { retryNow } from './retry.ts';

/** A press of a button. */
export type Click = {
  readonly action: string;
  /** The button's value, see BUTTONS. */
  readonly value: string;
  /** Whether the button is on an answer that only its asker sees, which another page may replace. */
  readonly onAnswer: boolean;
};

type Handler = (deps: HandleDeps, asker: Asker, click: Click) => Promise<void>;

/**
 * Does what a button asks for. A card stays for years and is everybody's: whoever presses one of its buttons gets an answer of
 * their own, and the card stays as it is.
 */
export const handleClick: Handler = async (deps, asker, click) => {
  await BY_ACTION.get(click.action)?.(deps, asker, click);
};

const answering =
  (
    about: CommandName,
    answer: (deps: HandleDeps, asker: Asker, value: string) => Promise<SlackAnswer | undefined>,
  ): Handler =>
  (deps, asker, { value }) =>
    respond(deps, asker, about, () => answer(deps, asker, value));

/** The command that a button's question belongs to. */
const commandIn = (value: string): CommandName => {
  const [name = ''] = readAsk(value).question.split(' ');
  return isCommandName(name) ? name : 'help';
};

const retrying = (idOf: (value: string) => string): Handler =>
  answering('retry', (deps, asker, value) =>
    operatorsOnly(deps, asker, 'retry', () => retryNow(deps, asker, idOf(value))),
  );

const BY_ACTION: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  [BUTTONS.why, answering('why', (deps, _, id) => answerQuestion(deps, { name: 'why', id }, 0))],
  [BUTTONS.show, answering('show', (deps, _, id) => answerQuestion(deps, { name: 'show', id }, 0))],
  [BUTTONS.list, answering('show', (deps, _, id) => answerQuestion(deps, { name: 'show', id }, 0))],
  [BUTTONS.retry, retrying((id) => id)],
  [BUTTONS.retryAll, retrying(() => 'all')],
  [BUTTONS.rerun, (deps, asker, { value }) => openRerun(deps, asker, value)],
  [
    BUTTONS.post,
    (deps, asker, { value }) => respond(deps, asker, commandIn(value), () => postAnswer(deps, asker, value)),
  ],
  [
    BUTTONS.ask,
    (deps, asker, { value, onAnswer }) =>
      respond(deps, asker, commandIn(value), () => answerAsk(deps, value), { replace: onAnswer }),
  ],
]);

/** Whether the bot handles presses of this button. */
export const isAnswered = (action: string): boolean => BY_ACTION.has(action);
