import { parseCommand } from '../command/parse.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { readAsk } from '../view/asked.ts';
import { postedCopy } from '../view/posted.ts';
import { problemView } from '../view/problem.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';
import { answerQuestion, isQuestion, type Question } from './questions.ts';

type AskDeps = Pick<HandleDeps, 'store' | 'rules' | 'look'>;

/** Answers the question in a button's value, from the result on that the value names. */
export const answerAsk = async (deps: AskDeps, value: string): Promise<SlackAnswer> => {
  const { question, offset } = readAsk(value);
  const read = readQuestion(deps, question);
  return 'problem' in read ? read.problem : answerQuestion(deps, read.question, offset);
};

/**
 * Asks the question again, posts the answer for the whole channel, and removes the one that only the asker saw. Repeated
 * clicks post it once. Returns an answer for the asker alone if it can't be posted, else undefined.
 */
export const postAnswer = async (
  deps: AskDeps & Pick<HandleDeps, 'once'>,
  asker: Asker,
  value: string,
): Promise<SlackAnswer | undefined> => {
  const { question, offset } = readAsk(value);
  const read = readQuestion(deps, question);
  if ('problem' in read) return read.problem;
  const click = `post ${asker.channel.id} ${asker.actor.id} ${asker.message?.ts} ${value}`;
  if (!deps.once.first(click)) return undefined;
  try {
    const answer = await answerQuestion(deps, read.question, offset);
    const sent = await asker.answerer.post(postedCopy(answer, { by: asker.actor.id, question }));
    if (sent !== 'unsent') {
      await asker.answerer.remove();
      return undefined;
    }
  } catch (error) {
    deps.once.forget(click);
    throw error;
  }
  deps.once.forget(click);
  return problemView(
    { problem: 'Slack did not take it for this channel; try again in a moment.', about: null, nearest: null },
    deps.look(),
  );
};

/** Reads the question of a button. A command that changes something is refused, whatever the button carries. */
const readQuestion = (
  { look }: Pick<HandleDeps, 'look'>,
  typed: string,
): { readonly question: Question } | { readonly problem: SlackAnswer } => {
  const parsed = parseCommand(typed, look());
  if ('problem' in parsed) return { problem: problemView(parsed, look()) };
  if (isQuestion(parsed.command)) return { question: parsed.command };
  const problem = 'This button is of another version of the bot; type the command in its place.';
  return { problem: problemView({ problem, about: null, nearest: 'help' }, look()) };
};
