import { cut } from '../../template/slack-fit.ts';
import { slackMoment } from '../../template/slack-moment.ts';
import { LIMITS } from '../../template/slack-schema.ts';
import type { ViewSettings } from '../../template/view.ts';
import type { Line } from './card-detail.ts';
import { type Content, section } from './compose.ts';
import type { Telling } from './telling.ts';
import { webhookMark } from './told.ts';

/** If replies keep failing, only the newest states are kept. */
const MOST_LINES = 20;
const LONGEST = 500;

/** The line that a delivery adds to a card's thread; `late` where the card already shows something newer. */
export const lineOf = (telling: Telling, late = false): Line => {
  const { delivery, at, again, rendered } = telling;
  const webhook = webhookMark(telling);
  return {
    id: delivery.id,
    ...(webhook !== undefined && { webhook }),
    at: delivery.rerun?.at ?? at,
    text: cut(`${late ? 'Heard of late: ' : ''}${again}${rendered.text}`, LONGEST),
  };
};

export const withLine = (lines: readonly Line[], line: Line): Line[] =>
  [...lines.filter(({ id }) => id !== line.id), line].slice(-MOST_LINES);

/** Lines as one reply, in the order in which things happened. */
export const linesAsReply = (lines: readonly Line[], settings: Pick<ViewSettings, 'timezone' | 'locale'>): Content => {
  const inOrder = lines.toSorted((one, other) => one.at - other.at);
  return {
    text: cut(inOrder.map(({ text }) => text).join('\n'), LIMITS.text),
    blocks: inOrder.map(({ at, text }) => section(`${slackMoment(at, settings)}\n${text}`)),
  };
};
