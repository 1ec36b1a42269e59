import { about, type Case, type Finding } from './case.ts';

/** A row for each webhook, once; and where a booking has one row, it shows the newest state. */
export const auditSheets = (all: Case): Finding[] =>
  about('sheets have each row once, and kept rows the newest state', [...logRows(all), ...keptRows(all)]);

const logRows = ({ rows, deliveries, accepted }: Case): string[] => {
  const times = Map.groupBy(rows, ({ Webhook }) => Webhook);
  const wanted = deliveries.filter(({ rule, status }) => rule === 'row' && status === 'done');
  const wrong = wanted.flatMap(({ webhookId }) => {
    const count = times.get(webhookId)?.length ?? 0;
    return count === 1 ? [] : [`${webhookId} has ${count} rows`];
  });
  const unknown = [...times.keys()]
    .filter((id) => !accepted.has(id))
    .map((id) => `a row is for ${id}, which nobody sent`);
  return [...wrong, ...unknown];
};

const keptRows = ({ states, deliveries, accepted }: Case): string[] => {
  const rows = Map.groupBy(states, ({ About }) => About);
  const newest = new Map<string, number>();
  for (const { rule, webhookId, status } of deliveries) {
    const told = accepted.get(webhookId);
    if (rule !== 'state' || status !== 'done' || !told) continue;
    newest.set(told.about, Math.max(told.step, newest.get(told.about) ?? 0));
  }
  return [...newest].flatMap(([booking, step]) => {
    const [row, ...more] = rows.get(booking) ?? [];
    if (!row || more.length > 0) return [`${booking} has ${row ? more.length + 1 : 0} kept rows`];
    return row.Step === String(step) ? [] : [`the row of ${booking} shows step ${row.Step} of ${step}`];
  });
};
