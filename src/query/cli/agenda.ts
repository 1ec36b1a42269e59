import type { AgendaAnswer } from '../agenda.ts';
import { CLI, type Look } from './look.ts';
import { resourceTable } from './resource-table.ts';

export const agendaText = (answer: AgendaAnswer, look: Look): string => {
  const { resources, span, from, to, offset, limit, more, cancelled = 0 } = answer;
  const { times, paint } = look;
  const last = new Date(to.getTime() - 1);
  const days = span === 'today' ? `Today, ${times.date(from)}` : `From now to ${times.date(last)}`;
  const left = cancelled > 0 ? `\nNot listed: ${cancelled} cancelled.\n` : '';
  if (resources.length === 0) {
    const next =
      span === 'today' ? `\`${CLI} upcoming\` has the next days` : `\`${CLI} search\` finds what is further away`;
    return `${days}: nothing ${offset > 0 ? 'more ' : ''}takes place; ${next}.\n${left}`;
  }
  const further = more ? `\nThere are more: add --offset ${offset + limit}.\n` : '';
  return `${paint('bold', days)}\n${resourceTable(resources, look)}${further}${left}`;
};
