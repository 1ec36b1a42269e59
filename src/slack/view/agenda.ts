import type { AgendaAnswer } from '../../query/agenda.ts';
import type { Summary } from '../../query/summary.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { type Asked, pageButton, postButton, tooLongToPage } from './asked.ts';
import { actions, context, section } from './blocks.ts';
import type { Row } from './message.ts';
import { message } from './message.ts';
import { resourceRow, resourceWords } from './resource.ts';
import { dayWords } from './times.ts';
import { bold, code, count, said } from './words.ts';

/** What takes place within a span of days, soonest first, grouped by the days of TIMEZONE. */
export const agendaView = (answer: AgendaAnswer, asked: Asked, look: SlackLook): SlackAnswer => {
  const { resources, offset, limit, span, timezone, cancelled = 0 } = answer;
  const when = span === 'today' ? `Today, ${dayWords(answer.from, look, timezone)}` : spanWords(answer, look);
  const title = `${said(when)} (${said(timezone)})`;
  if (resources.length === 0) return nothing(answer, asked, title);
  const whole = offset === 0 && !answer.more;
  const number = whole ? count(resources.length, 'booking or event', 'bookings and events') : '';
  const some = resources.slice(0, 3).map(resourceWords).join('; ');
  return message({
    text: `${title}: ${number && `${number}: `}${some}${resources.length > 3 || answer.more ? '; …' : ''}`,
    head: section(
      [bold(title), number],
      offset > 0 ? pageButton('Back', asked, Math.max(0, offset - limit)) : undefined,
    ),
    rows: resources.map((resource, index) => agendaRow(resource, resources[index - 1], answer, look)),
    foot: (shown) => {
      const more = answer.more || shown < resources.length;
      return [
        ...context(
          more && tooLongToPage(asked, offset + shown),
          !whole && `${offset + 1} to ${offset + shown}`,
          cancelled > 0 && `Left out: ${cancelled} cancelled`,
        ),
        ...actions(more && pageButton('Later', asked, offset + shown), postButton(asked)),
      ];
    },
  });
};

const nothing = ({ span, offset }: AgendaAnswer, asked: Asked, title: string): SlackAnswer => {
  if (offset > 0) {
    const text = `Nothing more: ${title}.`;
    return message({ text, head: section([text], pageButton('Back to the first', asked, 0)) });
  }
  const next =
    span === 'today'
      ? `${code('/webkasa upcoming')} shows the next days.`
      : `${code('/webkasa search WORDS')} finds what is further away.`;
  return message({
    text: `${title}: nothing takes place.`,
    head: section([bold(title), `Nothing takes place. ${next}`]),
    foot: () => actions(postButton(asked)),
  });
};

/** The days of the span in words. `to` is exclusive: the last day is the one before it. */
const spanWords = ({ from, to, timezone }: AgendaAnswer, look: SlackLook): string =>
  `${dayWords(from, look, timezone)} to ${dayWords(new Date(to.getTime() - 1), look, timezone)}`;

const agendaRow = (resource: Summary, before: Summary | undefined, answer: AgendaAnswer, look: SlackLook): Row => {
  const day = dayOf(resource, answer, look);
  const sameDay = before !== undefined && dayOf(before, answer, look) === day;
  const heading = answer.span === 'today' || sameDay ? [] : context(bold(day));
  return [...heading, ...resourceRow(resource, look)];
};

const dayOf = ({ startsAt }: Summary, { timezone }: AgendaAnswer, look: SlackLook): string =>
  startsAt === null ? 'Without a time' : said(dayWords(startsAt, look, timezone));
