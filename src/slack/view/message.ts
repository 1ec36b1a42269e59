import type { KnownBlock } from '@slack/web-api';
import { cut } from '../../template/slack-fit.ts';
import { LIMITS } from '../../template/slack-schema.ts';
import type { SlackAnswer } from './answer.ts';

/** What belongs together and is shown whole or not at all. */
export type Row = readonly KnownBlock[];

type Draft = {
  /** What a notification and a screen reader say: mrkdwn. */
  readonly text: string;
  readonly head?: readonly KnownBlock[];
  readonly rows?: readonly Row[];
  /** Gets how many rows are shown. */
  readonly foot?: (shown: number) => readonly KnownBlock[];
};

/** Kept free for the foot while rows are counted, so that what leads on is never what has to go. */
const FOOT = { blocks: 6, text: 1_500 };

/** A message of at most as many rows, from the first on, as Slack takes: 50 blocks, and so much text in all of them. */
export const message = ({ text, head = [], rows = [], foot = () => [] }: Draft): SlackAnswer => {
  const shown = fitting(head, rows);
  const blocks = [...head, ...rows.slice(0, shown).flat(), ...foot(shown)];
  // Slack shows "This content can't be displayed" for a message without a text.
  return { text: cut(text, LIMITS.text) || 'WebKasa', blocks };
};

/** How many rows fit below a head, at the least one. */
const fitting = (head: readonly KnownBlock[], rows: readonly Row[]): number => {
  let blocks = LIMITS.blocks - FOOT.blocks - head.length;
  let room = LIMITS.total - FOOT.text - textLength(head);
  let shown = 0;
  for (const row of rows) {
    blocks -= row.length;
    room -= textLength(row);
    if (shown > 0 && (blocks < 0 || room < 0)) break;
    shown += 1;
  }
  return shown;
};

/** How much of a message's room a part takes: all its texts, those of buttons and their questions too. */
export const textLength = (part: unknown): number => {
  if (Array.isArray(part)) return part.reduce((sum: number, each) => sum + textLength(each), 0);
  if (typeof part !== 'object' || part === null) return 0;
  return Object.entries(part).reduce(
    (sum, [key, each]) => sum + (typeof each === 'string' ? (key === 'text' ? each.length : 0) : textLength(each)),
    0,
  );
};
