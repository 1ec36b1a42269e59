import type { CommandName, Parsed } from '../command/command.ts';
import { commandInfo, isCommandName } from '../command/commands.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { actions, button, context, section } from './blocks.ts';
import { message } from './message.ts';
import { code, said } from './words.ts';

/** What was wrong with what was typed, what was probably meant, and an example. */
export const problemView = (
  { problem, about, nearest }: Extract<Parsed, { readonly problem: string }>,
  _look: SlackLook,
): SlackAnswer => {
  const text = said(problem, 600) || 'This was not understood.';
  return message({
    text: `${text}${nearest === null ? '' : ` Did you mean /webkasa ${said(nearest)}?`}`,
    head: [
      ...section([text, nearest !== null && `Did you mean ${code(`/webkasa ${nearest}`, 300)}?`]),
      ...context(about === null ? `${code('/webkasa help')} lists all commands.` : exampleOf(about)),
      ...actions(nearest !== null && isWholeQuestion(nearest) && button('ask', 'Yes, that', nearest)),
    ],
  });
};

const exampleOf = (about: CommandName): string => {
  const [example = about] = commandInfo(about).examples;
  return `For example ${code(`/webkasa ${example}`)}; ${code(`/webkasa help ${about}`)} tells more.`;
};

/** A question that can be asked as it stands, and changes nothing. */
const isWholeQuestion = (typed: string): boolean => {
  const [name = ''] = typed.split(' ');
  return isCommandName(name) && commandInfo(name).who === 'everybody' && !/…|\b(?:ID|WORDS)\b/.test(typed);
};
