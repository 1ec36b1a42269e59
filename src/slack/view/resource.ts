import type { SectionBlock } from '@slack/web-api';
import type { Summary } from '../../query/summary.ts';
import type { SlackLook } from './answer.ts';
import { button, section } from './blocks.ts';
import { startShown } from './times.ts';
import { bold, code, joined, said, struck } from './words.ts';

/** A resource in a list: what and who, when, its status, and a button that shows all of it. */
export const resourceRow = (resource: Summary, look: SlackLook): SectionBlock[] =>
  section(
    [
      headline(resource),
      startShown(resource, look),
      joined(said(resource.kind), statusWord(resource), resource.name && said(resource.email), code(resource.id)),
    ],
    button('show', 'Show', resource.id),
  );

/** The heading of a message about one resource. */
export const resourceHeading = (resource: Summary, look: SlackLook): SectionBlock[] => {
  const { previousStart, timezone } = resource;
  return section([
    joined(headline(resource), statusWord(resource)),
    joined(said(resource.kind), code(resource.id)),
    resource.name !== null && resource.email !== null && said(resource.email),
    startShown(resource, look),
    previousStart !== null && `moved from ${struck(startShown({ start: previousStart, timezone }, look))}`,
  ]);
};

/** A resource in a few words, for notifications: `John Doe, booking bk_1, confirmed`. */
export const resourceWords = (resource: Summary): string =>
  [nameOf(resource), `${resource.kind} ${resource.id}`, statusText(resource.status)]
    .map((part) => said(part))
    .filter(Boolean)
    .join(', ');

/** A status as people write it: `no show` for `NO_SHOW`. */
const statusText = (status: string | null): string => (status ?? '').toLowerCase().replaceAll('_', ' ');

/** A status in words; bold if it means that the booking or event won't take place. */
const statusWord = ({ status }: Pick<Summary, 'status'>): string =>
  isOff(status) ? bold(said(statusText(status))) : said(statusText(status));

const headline = (resource: Summary): string => {
  const name = bold(said(nameOf(resource)));
  const rest = resource.name !== null && resource.title !== null && said(resource.title);
  return joined(isOff(resource.status) ? struck(name) : name, rest);
};

const nameOf = ({ name, email, title, id }: Summary): string =>
  [name, title, email].find((part) => part !== null && part.trim() !== '') ?? id;

const isOff = (status: string | null): boolean => /cancel|declin|reject|no_show/i.test(status ?? '');
