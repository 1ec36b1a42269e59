import { filterWords } from '../../core/filters.ts';
import { matchesType } from '../../core/matches-type.ts';
import type { Subscription } from '../../core/team.ts';
import { KNOWN_TYPES } from '../../core/webhook.ts';
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

/** Said of types that WebKasa does not document: a slip of the pen waits in vain. Empty where there is none. */
export const undocumentedWords = ({ types }: Pick<Wanted, 'types'>): string => {
  const odd = types.filter((type) => !KNOWN_TYPES.some((known) => matchesType([type], known)));
  if (odd.length === 0) return '';
  const names = odd
    .slice(0, MOST)
    .map((type) => exact(type))
    .join(', ');
  return `WebKasa does not document ${names}; this channel hears of ${odd.length === 1 ? 'it when it comes' : 'them when they come'}.`;
};

/** All of it on one line, as much as fits. */
export const wantedWords = (wanted: Wanted): string => cut(wantedLines(wanted).join(' '), 600);
