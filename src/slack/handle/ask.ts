import { parseCommand } from '../command/parse.ts';
import type { SlackAnswer } from '../view/answer.ts';
import { readAsk } from '../view/asked.ts';
import { postedCopy } from '../view/posted.ts';
import { problemView } from '../view/problem.ts';
import type { Asker } from './asker.ts';
import type { HandleDeps } from './deps.ts';
import { answerQuestion, isQuestion, type Question } from './questions.ts';

type AskDeps = Pick<HandleDeps, 'store' | 'rules' | 'look'>;

/** Answers the question that a button carries, at the page it carries. */
export const answerAsk = async (deps: AskDeps, value: string): Promise<SlackAnswer> => {
  const { question, offset } = readAsk(value);
  const read = readQuestion(deps, question);
  return 'problem' in read ? read.problem : answerQuestion(deps, read.question, offset);
};

/**
 * Asks the question once more, tells the whole channel, and takes away what the asker alone saw; once, however often it is
 * clicked. What keeps it from being posted is answered, to the asker alone.
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

/** What changes something is never asked by such a button, whatever it carries. */
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
