import type { RerunOutcome } from '../../query/rerun.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { actions, button, context, section } from './blocks.ts';
import { deliveryTo } from './delivery.ts';
import { message } from './message.ts';
import { moment } from './times.ts';
import { bold, code, count, joined, said } from './words.ts';

const SHOWN = 15;

/** The outcome of a rerun, for whoever asked for it. */
export const rerunOutcomeView = (outcome: RerunOutcome, look: SlackLook): SlackAnswer => {
  const { webhookId, planned, left, changed } = outcome;
  const title = titleOf(outcome);
  const since = changedText(changed);
  const to = planned.slice(0, 3).map(deliveryTo).join(', ');
  return message({
    text: `${title}${to && `: ${to}`}${planned.length > 3 ? ', …' : ''}${since && `. ${since}`}`,
    head: [
      ...section([
        bold(title),
        ...planned.slice(0, SHOWN).map((effect) => `→ ${joined(deliveryTo(effect), said(effect.rule))}`),
        planned.length > SHOWN && `… and ${planned.length - SHOWN} more`,
        since && `⚠️ ${since}`,
      ]),
      ...context(
        ...left
          .slice(0, SHOWN)
          .map(
            (effect) =>
              `– ${joined(`${deliveryTo(effect)} left as it is: ${said(effect.why)}`, effect.toldAt && moment(effect.toldAt, look))}`,
          ),
        left.length > SHOWN && `… and ${left.length - SHOWN} more left as they are`,
      ),
    ],
    foot: () => actions(changed > 0 && button('rerun', 'Run again', webhookId), button('why', 'Why', webhookId)),
  });
};

const changedText = (changed: number): string =>
  changed === 0
    ? ''
    : `${count(changed, 'action')} changed since the dialog was opened: nothing was done about ${changed === 1 ? 'it' : 'them'}`;

const titleOf = ({ outcome, webhookId, planned }: RerunOutcome): string => {
  const id = code(webhookId);
  switch (outcome) {
    case 'planned':
      return planned.length === 0
        ? `Nothing of ${id} is run again`
        : `${count(planned.length, 'action')} of ${id} ${planned.length === 1 ? 'runs' : 'run'} again now`;
    case 'repeated':
      return `${id} was run again by this very click already: nothing more is sent`;
    case 'unknown':
      return `Nothing is known under ${id} any more: nothing was done`;
    default:
      return outcome satisfies never;
  }
};
