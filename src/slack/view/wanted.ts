import { filterWords } from '../../core/filters.ts';
import { matchesType } from '../../core/matches-type.ts';
import type { Subscription } from '../../core/team.ts';
import { KNOWN_TYPES } from '../../core/webhook.ts';
import { cut } from '../../template/slack-fit.ts';
import { exact } from './words.ts';

/** What a channel is subscribed to. */
type Wanted = Pick<Subscription, 'types' | 'filters'>;

const MOST = 20;

/** A line with the types, and one for each filter. */
export const wantedLines = ({ types, filters }: Wanted): string[] => [
  `on ${types
    .slice(0, MOST)
    .map((type) => exact(type))
    .join(', ')}`,
  ...filterWords(filters)
    .slice(0, MOST)
    .map((words) => `where ${exact(words, 300)}`),
];

/** A warning about types that WebKasa does not document, which may be misspelt; empty if there are none. */
export const undocumentedWords = ({ types }: Pick<Wanted, 'types'>): string => {
  const odd = types.filter((type) => !KNOWN_TYPES.some((known) => matchesType([type], known)));
  if (odd.length === 0) return '';
  const names = odd
    .slice(0, MOST)
    .map((type) => exact(type))
    .join(', ');
  return `WebKasa does not document ${names}; this channel hears of ${odd.length === 1 ? 'it when it comes' : 'them when they come'}.`;
};

/** Types and filters on one line, cut to 600 UTF-16 units. */
export const wantedWords = (wanted: Wanted): string => cut(wantedLines(wanted).join(' '), 600);
