import type { SlackAnswer } from './answer.ts';
import { actions, button, section } from './blocks.ts';
import { message } from './message.ts';
import { bold, code, said } from './words.ts';

/** The answer if Slack did not open or update the dialog: why, and a button to try again with a new trigger. */
export const rerunNotOpenedView = ({ id, problem }: { readonly id: string; readonly problem: string }): SlackAnswer => {
  const text = said(problem, 600);
  return message({
    text: `${code(id) || 'It'} is not run again. ${text}`,
    head: section([bold(`${code(id) || 'It'} is not run again`), text]),
    foot: () => actions(button('rerun', 'Run again', id)),
  });
};
