import { agenda } from '../../query/agenda.ts';
import { failed } from '../../query/failed.ts';
import { search } from '../../query/search.ts';
import { show } from '../../query/show.ts';
import { isTogetherId, together } from '../../query/together.ts';
import { why } from '../../query/why.ts';
import type { Command } from '../command/command.ts';
import { agendaView } from '../view/agenda.ts';
import type { SlackAnswer } from '../view/answer.ts';
import type { Asked } from '../view/asked.ts';
import { failedView } from '../view/failed.ts';
import { helpView } from '../view/help.ts';
import { rulesView } from '../view/rules.ts';
import { searchView } from '../view/search.ts';
import { showView } from '../view/show.ts';
import { togetherView } from '../view/together.ts';
import { whyView } from '../view/why.ts';
import type { HandleDeps } from './deps.ts';

type QuestionName = 'search' | 'show' | 'why' | 'today' | 'upcoming' | 'failed' | 'rules' | 'help';

/** A command that changes nothing, so that it can be asked again for another page or for the whole channel. */
export type Question = Extract<Command, { readonly name: QuestionName }>;

const QUESTIONS: ReadonlySet<Command['name']> = new Set<QuestionName>([
  'search',
  'show',
  'why',
  'today',
  'upcoming',
  'failed',
  'rules',
  'help',
]);

export const isQuestion = (command: Command): command is Question => QUESTIONS.has(command.name);

/** Results per page; fewer are shown where Slack's limits for a message are reached before that. */
const PAGE = { search: 10, agenda: 12, together: 15 };

export type QuestionDeps = Pick<HandleDeps, 'store' | 'rules' | 'look'>;

/** Answers a question, beginning at result `offset` (from 0). */
export const answerQuestion = async (deps: QuestionDeps, question: Question, offset: number): Promise<SlackAnswer> => {
  const { store } = deps;
  const look = deps.look();
  const asked: Asked = { question: textOf(question), offset };
  switch (question.name) {
    case 'search': {
      const found = await search(store, question.query, { limit: PAGE.search, offset });
      return searchView(found, asked, look);
    }
    case 'show':
      return isTogetherId(question.id)
        ? togetherView(await together(store, question.id, { limit: PAGE.together, offset }), asked, look)
        : showView(await show(store, question.id, look.now), asked, look);
    case 'why':
      return whyView(await why(store, question.id, look.now), asked, look);
    case 'today':
    case 'upcoming': {
      const { now, timezone } = look;
      const page = { limit: PAGE.agenda, offset };
      return agendaView(await agenda(store, question.name, { now, timezone }, page), asked, look);
    }
    case 'failed':
      return failedView(await failed(store, look.now), asked, look);
    case 'rules':
      return rulesView(deps.rules(), asked, look);
    case 'help':
      return helpView(question.about, look);
  }
};

/** The question as it would be typed after /webkasa. */
const textOf = (question: Question): string => {
  switch (question.name) {
    case 'search':
      return `search ${question.typed}`;
    case 'show':
    case 'why':
      return `${question.name} ${question.id}`;
    case 'help':
      return question.about === null ? 'help' : `help ${question.about}`;
    default:
      return question.name;
  }
};
