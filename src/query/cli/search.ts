import type { SearchAnswer } from '../search.ts';
import { writeSearch } from '../search-syntax.ts';
import { oddValues } from '../search-values.ts';
import { wrap } from './fit.ts';
import type { Look } from './look.ts';
import { CLI } from './look.ts';
import { resourceTable } from './resource-table.ts';
import { visible } from './visible.ts';

export const searchText = (answer: SearchAnswer, look: Look): string => {
  const { resources, limit, offset, more } = answer;
  if (resources.length === 0) return nothingFound(answer, look);
  const next = more ? `\nThere are more: add --offset ${offset + limit}.\n` : '';
  return resourceTable(resources, look) + next;
};

const nothingFound = ({ query, offset }: SearchAnswer, { width, times }: Look): string => {
  const typed = visible(writeSearch(query, times.zone));
  const odd = oddValues(query);
  const filtered = query.words !== writeSearch(query, times.zone);
  const lines =
    offset > 0
      ? [`Nothing more is found for ${typed}.`]
      : [
          `Nothing is found for ${typed}.`,
          ...odd.map(({ filter, text, near }) =>
            near === undefined ? visible(text) : `${visible(text)} Did you mean ${filter}:${near}?`,
          ),
          'Every word has to be in a name, mail address, title, phone number or id; parts of words do, from two letters on.',
          filtered
            ? `Try fewer words or filters; what has no known start, as registrations, is never after: or before: a day.`
            : `Try fewer words, or \`${CLI} failed\` where a webhook may not have arrived.`,
        ];
  return lines.map((line) => `${wrap(line, width, 2)}\n`).join('');
};
