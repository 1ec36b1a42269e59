import { expect, test } from 'vitest';
import { paints } from '../../src/query/cli/paint.ts';
import { timesIn } from '../../src/query/cli/times.ts';
import { togetherText } from '../../src/query/cli/together.ts';
import { together } from '../../src/query/together.ts';
import { aWebhook, T0 } from '../support/builders.ts';
import { tempStore } from '../support/temp.ts';
import { attempt, takeIn } from './filled.ts';

const look = { paint: paints(false), width: undefined, times: timesIn('UTC') };

test('a summary lists what it told, in pages, by the names things have now', async () => {
  const store = await tempStore();
  for (const n of [1, 2, 3]) {
    const booking = aWebhook({ type: 'booking.created', data: { id: `bk_${n}`, attendee_name: `Guest ${n}` } });
    await takeIn(store, booking, { deliveries: [{ id: `dl_${n}`, kind: 'slack' }] });
    await attempt(store, `dl_${n}`, T0, { status: 'done', receipt: { summary: 'in a summary', together: 'sum_1' } });
  }
  const renamed = aWebhook({ type: 'booking.confirmed', data: { id: 'bk_2', attendee_name: 'Guest Two' } });
  await takeIn(store, renamed);

  const first = await together(store, 'sum_1', { limit: 2, offset: 0 });
  expect(first.more).toBe(true);
  expect(togetherText(first, look)).toBe(`id    what       type             delivery  status
bk_1  Guest 1    booking.created  dl_1      done
bk_2  Guest Two  booking.created  dl_2      done

There are more: add --offset 2.
`);
  const rest = await together(store, 'sum_1', { limit: 2, offset: 2 });
  expect(rest).toMatchObject({ more: false, deliveries: [{ resource: 'bk_3', what: 'Guest 3' }] });
  expect(togetherText(await together(store, 'sum_2', { limit: 2, offset: 0 }), look)).toContain(
    'There is no summary sum_2',
  );
});
