import { isChannelId } from '../../core/slack-id.ts';
import type { Cause, FailedAnswer } from '../../query/failed.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { type Asked, pageButton, postButton } from './asked.ts';
import { actions, button, context, section } from './blocks.ts';
import { namingChannel } from './channel.ts';
import { CHANNELS, deliveryTo } from './delivery.ts';
import { message, type Row } from './message.ts';
import { rejectionBlocks } from './not-found.ts';
import { moment } from './times.ts';
import { bold, code, joined, plain, said } from './words.ts';

const CAUSES = 5;
/** Deliveries shown per cause; more of the same would say nothing new. */
const SHOWN = 3;

/** Deliveries that are dead, or wait after a failed attempt, grouped by cause, with buttons to try again. */
export const failedView = (answer: FailedAnswer, asked: Asked, look: SlackLook): SlackAnswer => {
  const { causes, dead, waiting, pauses, rejections } = answer;
  const { offset = 0 } = asked;
  const title =
    causes.length === 0
      ? 'Nothing failed: no delivery is dead or waits for another try.'
      : `${dead} failed for good, ${waiting} waiting for another try`;
  const notes = [pauses.map(({ kind }) => `${CHANNELS[kind]} is paused`).join(', '), causes.map(causeWords).join('; ')];
  const refused = rejectionBlocks(rejections, look);
  const rows = [...causes.map((cause) => causeRow(cause, pauses, look)), ...(refused.length > 0 ? [refused] : [])];
  return message({
    text: [title, ...notes].filter(Boolean).join('. '),
    head: [
      ...section([bold(title)], offset > 0 ? pageButton('From the start', asked, 0) : undefined),
      ...(offset > 0
        ? []
        : section([...pauses.map((pause) => pauseText(pause, look)), pauses.length > 0 && 'A retry lifts the pause.'])),
    ],
    rows: rows.slice(offset, offset + CAUSES),
    foot: (shown) => {
      const left = rows.length - offset - shown;
      return [
        ...context(
          left > 0 && `… and ${left} more`,
          answer.more && 'The newest thousand are looked at.',
          causes.length > 0 && 'Mend a cause before you retry, or it fails again.',
        ),
        ...actions(
          left > 0 && pageButton('More', asked, offset + shown),
          dead + waiting > 0 && retryAllButton(dead + waiting),
          postButton(asked),
        ),
      ];
    },
  });
};

const retryAllButton = (all: number) =>
  button('retryAll', all === 1 ? 'Retry it' : `Retry all ${all}`, 'all', {
    ask: {
      title: all === 1 ? 'Try this again?' : 'Retry everything?',
      text: `${all === 1 ? 'The one delivery that failed for good or waits is' : `All ${all} deliveries that failed for good or wait are`} tried again now. What has reached somebody is left alone.`,
      yes: all === 1 ? 'Retry it' : `Retry all ${all}`,
    },
  });

const pauseText = ({ kind, since, until, message: reason }: FailedAnswer['pauses'][number], look: SlackLook): string =>
  `⏸️ ${bold(`${CHANNELS[kind]} is paused`)} since ${moment(since, look)}, tried again ${moment(until, look)}: ${said(reason, 300)}`;

const STATES: Readonly<Record<Cause['state'], string>> = { dead: 'failed for good', waiting: 'waiting' };

const causeWords = ({ count, kind, state, code: reason }: Cause): string =>
  `${count} × ${CHANNELS[kind]} ${STATES[state]} (${said(reason)})`;

const causeRow = (cause: Cause, pauses: FailedAnswer['pauses'], look: SlackLook): Row => {
  const { state, kind, code: reason, count, deliveries } = cause;
  return [
    ...section([
      joined(`${state === 'dead' ? '✗' : '…'} ${bold(`${count} × ${CHANNELS[kind]}`)} ${STATES[state]}`, code(reason)),
      namingChannel(said(cause.message, 400), deliveries[0]?.to ?? ''),
      nextTry(cause, pauses, look),
    ]),
    ...deliveries
      .slice(0, SHOWN)
      .flatMap((delivery) =>
        section(
          [joined(`${deliveryTo({ kind, to: delivery.to })}`, code(delivery.resource ?? delivery.id))],
          retryOne(kind, delivery, state),
        ),
      ),
    ...(count > SHOWN ? context(`and ${count - SHOWN} more of the same`) : []),
  ];
};

const nextTry = ({ kind, nextTryAt }: Cause, pauses: FailedAnswer['pauses'], look: SlackLook): string | false => {
  if (nextTryAt === null) return false;
  return pauses.some((pause) => pause.kind === kind)
    ? `paused until ${moment(nextTryAt, look)}; ${bold('Try now')} lifts the pause`
    : `next try ${moment(nextTryAt, look)}`;
};

const retryOne = (kind: Cause['kind'], { id, to }: Cause['deliveries'][number], state: Cause['state']) => {
  // A confirmation is plain text, in which Slack shows no channel's name for its id.
  const whom = kind === 'slack' && isChannelId(to) ? 'this channel' : plain(to);
  return button('retry', state === 'dead' ? 'Retry' : 'Try now', id, {
    ask: { title: 'Try this again?', text: `What was meant for ${whom} is tried again now.`, yes: 'Try again' },
  });
};
