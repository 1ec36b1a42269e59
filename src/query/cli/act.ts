import type { ActKind } from '../../core/actor.ts';
import type { ActStory } from '../act-story.ts';
import { wrap } from './fit.ts';
import type { Look } from './look.ts';
import { visible } from './visible.ts';

const DONE: Readonly<Record<ActKind, (subject: string) => string>> = {
  retry: (subject) => `had ${subject} tried again`,
  rerun: (subject) => `had ${subject} run again`,
  subscribe: (subject) => `subscribed ${subject}`,
  unsubscribe: (subject) => `unsubscribed ${subject}`,
  pause: (subject) => `paused ${subject}`,
  resume: (subject) => `let ${subject} go on`,
  erase: () => 'erased a person',
};

/** An action somebody took, as a line of `why`. */
export const actText = ({ at, by, kind, subject, summary }: ActStory, look: Look): string => {
  const who = `${look.paint('bold', visible(by.name))} (${by.via === 'slack' ? 'Slack' : by.via})`;
  return `${wrap(`${look.times.full(at)}  ${who} ${DONE[kind](visible(subject))}: ${visible(summary)}`, look.width, 4)}\n`;
};
