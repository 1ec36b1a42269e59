import { describe, expect, test } from 'vitest';
import { agenda } from '../../src/query/agenda.ts';
import { agendaText } from '../../src/query/cli/agenda.ts';
import { paints } from '../../src/query/cli/paint.ts';
import { timesIn } from '../../src/query/cli/times.ts';
import { aWebhook } from '../support/builders.ts';
import { tempStore } from '../support/temp.ts';
import { takeIn } from './filled.ts';

const look = { paint: paints(false), width: undefined, times: timesIn('Europe/Berlin') };
/** Noon in Berlin. */
const HERE = { now: Date.parse('2027-01-15T11:00:00Z'), timezone: 'Europe/Berlin' };
const PAGE = { limit: 20, offset: 0 };

const withBookings = async (starts: Readonly<Record<string, string>>, changes: Record<string, object> = {}) => {
  const store = await tempStore();
  for (const [id, start_time] of Object.entries(starts)) {
    await takeIn(
      store,
      aWebhook({ type: 'booking.created', ...changes[id], data: { id, start_time, ...changes[id] } }),
    );
  }
  return store;
};

const ids = ({ resources }: { resources: readonly { id: string }[] }) => resources.map(({ id }) => id);

describe('what takes place', () => {
  test('today is the day of TIMEZONE from its first to its last moment, soonest first', async () => {
    const store = await withBookings({
      last: '2027-01-15T22:59:59Z',
      first: '2027-01-14T23:00:00Z',
      before: '2027-01-14T22:59:59Z',
      after: '2027-01-15T23:00:00Z',
      noon: '2027-01-15T11:00:00Z',
    });
    const answer = await agenda(store, 'today', HERE, PAGE);
    expect(ids(answer)).toEqual(['first', 'noon', 'last']);
    expect(answer).toMatchObject({ more: false, cancelled: 0, timezone: 'Europe/Berlin' });
  });

  test('upcoming is from now to the end of the seventh day after today', async () => {
    const store = await withBookings({
      past: '2027-01-15T10:59:59Z',
      now: '2027-01-15T11:00:00Z',
      last: '2027-01-22T22:59:59Z',
      after: '2027-01-22T23:00:00Z',
    });
    expect(ids(await agenda(store, 'upcoming', HERE, PAGE))).toEqual(['now', 'last']);
  });

  test('what is cancelled is counted and not listed, and pages go past it', async () => {
    const starts = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`bk_${n}`, `2027-01-15T${12 + n > 22 ? 22 : 12 + n}:0${n % 10}:00Z`]),
    );
    const store = await withBookings(starts, { bk_1: { status: 'CANCELLED' }, bk_2: { status: 'declined' } });
    const first = await agenda(store, 'today', HERE, { limit: 4, offset: 0 });
    expect(ids(first)).toEqual(['bk_0', 'bk_3', 'bk_4', 'bk_5']);
    expect(first).toMatchObject({ more: true, cancelled: 2 });
    const last = await agenda(store, 'today', HERE, { limit: 4, offset: 8 });
    expect(last.resources).toHaveLength(2);
    expect(last.more).toBe(false);
    expect(agendaText(first, look)).toContain('There are more: add --offset 4.\n\nNot listed: 2 cancelled.\n');
  });

  test('is found also behind more cancelled ones than are looked at in one go', async () => {
    const starts = Object.fromEntries(Array.from({ length: 230 }, (_, n) => [`bk_${n}`, '2027-01-15T12:00:00Z']));
    const cancelled = Object.fromEntries(Object.keys(starts).map((id) => [id, { status: 'CANCELLED' }]));
    const store = await withBookings({ ...starts, late: '2027-01-15T13:00:00Z' }, cancelled);
    expect(await agenda(store, 'today', HERE, PAGE)).toMatchObject({ resources: [{ id: 'late' }], cancelled: 230 });
  });

  test('is a table under its days, or says that nothing is on', async () => {
    const store = await withBookings({ bk_1: '2027-01-15T13:00:00Z' });
    expect(agendaText(await agenda(store, 'upcoming', HERE, PAGE), look)).toBe(`From now to 2027-01-22
id    kind     what      email             when (Europe/Berlin)  status
bk_1  booking  John Doe  john@example.com  Fri 2027-01-15 14:00  PENDING
`);
    const empty = await tempStore();
    expect(agendaText(await agenda(empty, 'today', HERE, PAGE), look)).toBe(
      'Today, 2027-01-15: nothing takes place; `npm run cli -- upcoming` has the next days.\n',
    );
  });
});
