import type { CommandName } from '../command/command.ts';
import { COMMANDS, type CommandInfo, commandInfo } from '../command/commands.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { context, section } from './blocks.ts';
import { message } from './message.ts';
import { bold, code, said } from './words.ts';

/** A summary of all commands, or one in detail, with examples. */
export const helpView = (about: CommandName | null, _look: SlackLook): SlackAnswer =>
  about === null ? overview() : inDetail(commandInfo(about));

const overview = (): SlackAnswer => {
  const of = (who: CommandInfo['who']): string[] =>
    COMMANDS.filter((command) => command.who === who).map(({ name, does }) => `${code(name)} ${said(does, 300)}`);
  return message({
    text: `What can be typed after /webkasa: ${COMMANDS.map(({ name }) => name).join(', ')}.`,
    head: [
      ...section([bold('Type after /webkasa')]),
      ...section(of('everybody')),
      ...section([bold('For operators'), ...of('operators')]),
      ...context(`${code('/webkasa help search')} tells more of one, with examples. Answers are seen by you alone.`),
    ],
  });
};

const inDetail = ({ usage, does, examples, notes, who }: CommandInfo): SlackAnswer =>
  message({
    text: `/webkasa ${said(usage)}: ${said(does, 300)}`,
    head: [
      ...section([code(`/webkasa ${usage}`), said(does, 300)]),
      ...section([
        bold(examples.length === 1 ? 'Example' : 'Examples'),
        ...examples.map((each) => code(`/webkasa ${each}`)),
      ]),
      ...context(...notes.map((note) => said(note, 300)), who === 'operators' && 'For operators only.'),
    ],
  });
