import type { PausedRule } from '../../core/team.ts';
import { actorName } from './actor.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { context, section } from './blocks.ts';
import { message } from './message.ts';
import { moment } from './times.ts';
import { bold, code, said } from './words.ts';

/** The answer when a rule or subscription was paused; with `known` it was paused before, and `pause` is that earlier pause. */
export const pausedView = (
  { pause, known }: { readonly pause: PausedRule; readonly known: boolean },
  look: SlackLook,
): SlackAnswer => {
  const { rule, by, at } = pause;
  const text = known ? `${said(rule)} is paused already: nothing was changed.` : `${said(rule)} is paused.`;
  return message({
    text,
    head: [
      ...section([
        `⏸️ ${bold(text)}`,
        known && `By ${actorName(by)} · ${moment(new Date(at), look)}`,
        'It plans nothing more. What arrives is kept, and what was planned before is still sent.',
      ]),
      ...context(`${code(`/webkasa resume ${rule}`)} lets it go on.`),
    ],
  });
};

/** The answer when a rule or subscription was resumed; `pause` is the pause that ended, null if there was none. */
export const resumedView = (
  { rule, pause }: { readonly rule: string; readonly pause: PausedRule | null },
  look: SlackLook,
): SlackAnswer => {
  if (pause === null) {
    const text = `${said(rule)} is not paused: nothing was changed.`;
    return message({ text, head: section([text, `${code('/webkasa rules')} says what is.`]) });
  }
  const text = `${said(rule)} goes on.`;
  return message({
    text,
    head: [
      ...section([bold(text), `It was paused by ${actorName(pause.by)} · ${moment(new Date(pause.at), look)}`]),
      ...context(`What arrived meanwhile can be made up for one by one: ${code('/webkasa rerun ID')}`),
    ],
  });
};
