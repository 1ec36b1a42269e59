import { filterWords } from '../../core/filters.ts';
import type { Subscription } from '../../core/team.ts';
import { cut } from '../../template/slack-fit.ts';
import { exact } from './words.ts';

/** What a channel wants to hear of. */
type Wanted = Pick<Subscription, 'types' | 'filters'>;

const MOST = 20;

/** Its types, and a line for each condition. */
export const wantedLines = ({ types, filters }: Wanted): string[] => [
  `on ${types
    .slice(0, MOST)
    .map((type) => exact(type))
    .join(', ')}`,
  ...filterWords(filters)
    .slice(0, MOST)
    .map((words) => `where ${exact(words, 300)}`),
];

/** All of it on one line, as much as fits. */
export const wantedWords = (wanted: Wanted): string => cut(wantedLines(wanted).join(' '), 600);
