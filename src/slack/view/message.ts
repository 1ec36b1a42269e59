import type { KnownBlock } from '@slack/web-api';
import { cut } from '../../template/slack-fit.ts';
import { LIMITS } from '../../template/slack-schema.ts';
import type { SlackAnswer } from './answer.ts';

/** Blocks that belong together and are shown all or not at all. */
export type Row = readonly KnownBlock[];

type Draft = {
  /** What notifications and screen readers say, as mrkdwn. */
  readonly text: string;
  readonly head?: readonly KnownBlock[];
  readonly rows?: readonly Row[];
  /** Makes the foot, given how many rows are shown. */
  readonly foot?: (shown: number) => readonly KnownBlock[];
};

/** Room reserved for the foot, so that the buttons to further pages always fit. */
const FOOT = { blocks: 6, text: 1_500 };

/** A message with as many rows, from the first on, as fit into Slack's limits of 50 blocks and of text over all of them. */
export const message = ({ text, head = [], rows = [], foot = () => [] }: Draft): SlackAnswer => {
  const shown = fitting(head, rows);
  const blocks = [...head, ...rows.slice(0, shown).flat(), ...foot(shown)];
  // Slack shows "This content can't be displayed" for a message without a text.
  return { text: cut(text, LIMITS.text) || 'WebKasa', blocks };
};

/** How many rows fit below a head; at least one. */
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

/** The length of all texts in a part of a message, including those of buttons and their confirmations. */
export const textLength = (part: unknown): number => {
  if (Array.isArray(part)) return part.reduce((sum: number, each) => sum + textLength(each), 0);
  if (typeof part !== 'object' || part === null) return 0;
  return Object.entries(part).reduce(
    (sum, [key, each]) => sum + (typeof each === 'string' ? (key === 'text' ? each.length : 0) : textLength(each)),
    0,
  );
};
