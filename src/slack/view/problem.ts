import type { CommandName, Parsed } from '../command/command.ts';
import { commandInfo } from '../command/commands.ts';
import { parseCommand } from '../command/parse.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { actions, button, context, section } from './blocks.ts';
import { message } from './message.ts';
import { code, said } from './words.ts';

/** `again`: the typed command was right, and can be typed again once the obstacle is removed. */
export type ProblemShown = Extract<Parsed, { readonly problem: string }> & { readonly again?: string | undefined };

/** What is wrong with a typed command, what was probably meant, and an example. */
export const problemView = ({ problem, about, nearest, again }: ProblemShown, look: SlackLook): SlackAnswer => {
  const text = said(problem, 600) || 'This was not understood.';
  const same = nearest === null || about === null || nearest.split(' ')[0] === about;
  return message({
    text: [
      text,
      nearest !== null && (same ? `Did you mean /webkasa ${said(nearest)}?` : `Try /webkasa ${said(nearest)}.`),
    ]
      .filter(Boolean)
      .join(' '),
    head: [
      ...section([
        text,
        nearest !== null &&
          (same ? `Did you mean ${code(`/webkasa ${nearest}`, 300)}?` : `Try ${code(`/webkasa ${nearest}`, 300)}.`),
      ]),
      ...context(
        again !== undefined
          ? `To type it again: ${code(`/webkasa ${again}`, 300)}`
          : about === null
            ? `${code('/webkasa help')} lists all commands.`
            : exampleOf(about),
      ),
      ...actions(
        nearest !== null && isWholeQuestion(nearest, look) && button('ask', same ? 'Yes, that' : 'Try that', nearest),
      ),
    ],
  });
};

const exampleOf = (about: CommandName): string => {
  const [example = about] = commandInfo(about).examples;
  return `For example ${code(`/webkasa ${example}`)}; ${code(`/webkasa help ${about}`)} tells more.`;
};

/** Whether this can be typed as it stands, and changes nothing, so that a button may ask it. */
const isWholeQuestion = (typed: string, look: SlackLook): boolean => {
  const parsed = parseCommand(typed, look);
  return (
    'command' in parsed && commandInfo(parsed.command.name).who === 'everybody' && !/…|\b(?:ID|WORDS)\b/.test(typed)
  );
};
