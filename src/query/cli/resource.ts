import type { Summary } from '../summary.ts';
import { wrap } from './fit.ts';
import type { Look } from './look.ts';
import { visible } from './visible.ts';

/** The start in TIMEZONE, `Mon 2027-02-15 10:00`; as local time if its zone is unknown; empty if there is no start. */
export const startText = ({ start, startsAt }: Summary, { times }: Look): string => {
  if (start === null) return '';
  // A day without a time is the same day in every zone.
  return times.start(startsAt !== null && start.includes('T') ? startsAt.toISOString() : start);
};

/** The attendee, `Zoë Ångström <zoe@example.com>`, as far as known. */
const whoText = ({ name, email }: Summary): string =>
  [name && visible(name), email && (name ? `<${visible(email)}>` : visible(email))].filter(Boolean).join(' ');

/** The heading lines of a resource. */
export const resourceHeading = (resource: Summary, look: Look): string => {
  const { paint, times } = look;
  const first = [
    paint('bold', `${visible(resource.kind)} ${visible(resource.id)}`),
    resource.status && paint(statusColour(resource.status), visible(resource.status)),
    resource.title && visible(resource.title),
  ];
  const before = resource.previousStart ? `, before that ${visible(times.start(resource.previousStart))}` : '';
  const lines = [
    first.filter(Boolean).join('  '),
    whoText(resource) && `  ${whoText(resource)}`,
    startText(resource, look) && `  ${visible(startText(resource, look))}${before}`,
  ];
  return lines
    .filter((line) => typeof line === 'string' && line !== '')
    .map((line) => `${wrap(String(line), look.width, 2)}\n`)
    .join('');
};

export const statusColour = (status: string): 'green' | 'red' | 'yellow' => {
  if (/cancel|dead|no_show/i.test(status)) return 'red';
  return /confirm|complete|publish|attend|done/i.test(status) ? 'green' : 'yellow';
};

/** Names the zone of all times; printed once per answer. */
export const zoneLine = ({ paint, times }: Look): string => `${paint('dim', `Times are in ${times.zone}.`)}\n`;
