import type { TogetherAnswer } from '../together.ts';
import { CLI, type Look } from './look.ts';
import { table } from './table.ts';
import { visible } from './visible.ts';

export const togetherText = ({ id, deliveries, offset, limit, more }: TogetherAnswer, look: Look): string => {
  if (deliveries.length === 0) {
    return offset > 0
      ? `Nothing more is in the summary ${visible(id)}.\n`
      : `There is no summary ${visible(id)}; \`${CLI} search WORDS\` finds bookings, events and registrations.\n`;
  }
  const columns = [
    { title: 'id', whole: true },
    { title: 'what' },
    { title: 'type', whole: true },
    { title: 'delivery', whole: true },
    { title: 'status' },
  ];
  const rows = deliveries.map((delivery) => [
    { text: delivery.resource ?? delivery.webhookId, colour: 'bold' as const },
    delivery.what ?? '',
    delivery.type,
    delivery.id,
    delivery.status,
  ]);
  return table(columns, rows, look) + (more ? `\nThere are more: add --offset ${offset + limit}.\n` : '');
};
