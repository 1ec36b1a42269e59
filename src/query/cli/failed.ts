import type { Cause, FailedAnswer } from '../failed.ts';
import { wrap } from './fit.ts';
import { CLI, type Look } from './look.ts';
import { naming, recipient } from './recipient.ts';
import { rejectionsText } from './rejections.ts';
import { zoneLine } from './resource.ts';
import { visible } from './visible.ts';

export const failedText = (answer: FailedAnswer, look: Look): string => {
  const { pauses, causes, rejections } = answer;
  const sections = [
    pauses.length === 0 ? '' : `${pauses.map((pause) => pauseText(pause, look)).join('')}A retry lifts the pause.\n`,
    causes.length === 0 ? 'Nothing failed: no delivery is dead or waits for another try.\n' : causesText(answer, look),
    rejectionsText(rejections, look),
  ].filter(Boolean);
  const timed = pauses.length > 0 || rejections.length > 0 || causes.some(({ nextTryAt }) => nextTryAt !== null);
  return sections.join('\n') + (timed ? zoneLine(look) : '');
};

const pauseText = (pause: FailedAnswer['pauses'][number], { paint, times, width }: Look): string => {
  const since = `since ${times.full(pause.since)}, tried again at ${times.near(pause.until, pause.since)}`;
  return `${wrap(`${paint('red', `${pause.kind} is paused`)} ${since}: ${visible(pause.message)}`, width, 2)}\n`;
};

const causesText = ({ causes, dead, waiting, more, pauses }: FailedAnswer, look: Look): string => {
  // Of those that wait, only the ones among the newest thousand are counted.
  const count = more
    ? `${dead} dead, at least ${waiting} waiting for another try (the newest thousand are below)`
    : `${dead} dead, ${waiting} waiting for another try`;
  const retry = dead + waiting > 0 ? `\nAfter mending a cause: ${CLI} retry ID, or ${CLI} retry --all\n` : '';
  return `${look.paint('bold', count)}\n${causes.map((cause) => causeText(cause, pauses, look)).join('')}${retry}`;
};

const SHOWN = 3;

const causeText = (cause: Cause, pauses: FailedAnswer['pauses'], look: Look): string => {
  const { paint, times, width } = look;
  const { state, kind, code, message, count, deliveries, nextTryAt } = cause;
  const shown = deliveries.slice(0, SHOWN);
  const isPaused = pauses.some((pause) => pause.kind === kind);
  const lines = [
    `  ${paint(state === 'dead' ? 'red' : 'yellow', `${count} × ${state}`)}  ${kind}  ${visible(code)}`,
    wrap(`      ${naming(visible(message), deliveries[0]?.to ?? '', look)}`, width, 6),
    ...(nextTryAt ? [`      ${isPaused ? 'paused, ' : ''}next try at ${times.full(nextTryAt)}`] : []),
    ...shown.map(
      ({ id, to, resource }) =>
        `      ${id}  ${visible(recipient({ kind, to }, look))}${resource === null ? '' : `  ${visible(resource)}`}`,
    ),
    ...(count > SHOWN ? [`      and ${count - SHOWN} more`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
};
