import type { SearchQuery } from '../../core/search-query.ts';
import type { SearchAnswer } from '../../query/search.ts';
import { writeSearch } from '../../query/search-syntax.ts';
import { type OddValue, oddValues } from '../../query/search-values.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { type Asked, pageButton, postButton, tooLongToPage } from './asked.ts';
import { actions, button, context, section } from './blocks.ts';
import { message } from './message.ts';
import { resourceRow, resourceWords } from './resource.ts';
import { bold, code, count, joined, said } from './words.ts';

/** A page of search results, newest first, or what to try if there are none. */
export const searchView = (answer: SearchAnswer, asked: Asked, look: SlackLook): SlackAnswer => {
  const { resources, offset, limit } = answer;
  const [newest] = resources;
  if (!newest) return nothingFound(answer, asked, look);
  const what = typedQuery(answer.query, look);
  const all = offset === 0 && !answer.more;
  const title = `${all ? count(resources.length, 'result') : offset === 0 ? 'Results' : 'More results'} for ${what}`;
  return message({
    text: `${title}: ${resources.slice(0, 3).map(resourceWords).join('; ')}${resources.length > 3 || answer.more ? '; …' : ''}`,
    head: section([bold(title)], offset > 0 ? pageButton('Back', asked, Math.max(0, offset - limit)) : undefined),
    rows: resources.map((resource) => resourceRow(resource, look)),
    foot: (shown) => {
      const more = answer.more || shown < resources.length;
      return [
        ...context(
          more && tooLongToPage(asked, offset + shown),
          joined(`${offset + 1} to ${offset + shown}, newest first`, !more && offset > 0 && 'no more'),
        ),
        ...actions(more && pageButton('More', asked, offset + shown), postButton({ ...asked, offset })),
      ];
    },
  });
};

const nothingFound = (answer: SearchAnswer, asked: Asked, look: SlackLook): SlackAnswer => {
  const what = typedQuery(answer.query, look);
  if (answer.offset > 0) {
    const text = `Nothing more is found for ${what}.`;
    return message({ text, head: section([text], pageButton('Back to the first', asked, 0)) });
  }
  const { words, from, to } = answer.query;
  const odd = oddValues(answer.query);
  const meant = searchMeant(answer.query, odd, look);
  const ideas = [
    words.trim().includes(' ') && 'fewer words',
    writeSearch(answer.query, look.timezone) !== words && 'fewer filters',
    words !== '' && 'a part of the name or address',
  ];
  return message({
    text: [`Nothing is found for ${what}.`, ...odd.map(({ text }) => said(text, 400))].join(' '),
    head: section([
      `Nothing is found for ${what}.`,
      ...odd.map(({ text }) => said(text, 400)),
      meant !== undefined && `Did you mean ${code(`/webkasa ${meant}`, 300)}?`,
      words !== '' &&
        'Every word has to be in a name, mail address, title, phone number or id; parts of words do, from two letters on.',
      (from !== undefined || to !== undefined) &&
        'What has no known start, as registrations, is never after or before a day.',
      `Try ${ideas.filter(Boolean).join(', ')}, or the id.`,
      `May the webhook not have arrived? ${code('/webkasa failed')} tells what was refused.`,
    ]),
    foot: () => actions(meant !== undefined && button('ask', 'Yes, that', meant)),
  });
};

/** The search with the values that were probably meant, as it can be typed. */
const searchMeant = (query: SearchQuery, odd: readonly OddValue[], look: SlackLook): string | undefined => {
  const near = odd.flatMap(({ filter, near: value }) => (value === undefined ? [] : [[filter, value]]));
  if (near.length === 0) return undefined;
  return `search ${writeSearch({ ...query, ...Object.fromEntries(near) }, look.timezone)}`;
};

/** The search as it was understood, as it can be typed. */
const typedQuery = (query: SearchQuery, { timezone }: SlackLook): string =>
  code(writeSearch(query, timezone), 300) || 'everything';
