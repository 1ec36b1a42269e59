import { expect, it } from 'vitest';
import type { Store } from '../../../src/store/ports.ts';
import { aWebhook } from '../../support/builders.ts';
import { freshStores, type OpenStore, routed } from './harness.ts';

const book = (store: Store, id: string, name: string) =>
  routed(store, aWebhook({ data: { id, attendee_name: name, attendee_email: 'x@example.net' } }));

export const searchPagesContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('pages through what it finds, newest first', async () => {
    const { store } = await fresh();
    for (const number of [1, 2, 3, 4, 5]) await book(store, `bk_${number}`, 'Anna');
    const page = async (limit: number, offset: number) =>
      (await store.search({ words: 'anna' }, { limit, offset })).map(({ id }) => id);

    expect(await page(2, 0)).toEqual(['bk_5', 'bk_4']);
    expect(await page(2, 2)).toEqual(['bk_3', 'bk_2']);
    expect(await page(2, 4)).toEqual(['bk_1']);
    expect(await page(2, 6)).toEqual([]);
  });

  it('matches a long word as a whole: rows that hold only its pieces, however many, fill no page', async () => {
    const { store } = await fresh();
    const whole = 'featherstonehaugh';
    for (const number of [1, 2, 3]) await book(store, `bk_${number}`, whole);
    for (let number = 0; number < 20; number += 1) await book(store, `bk_pieces_${number}`, 'featherston rstonehaugh');
    await book(store, 'bk_4', whole);
    const page = async (limit: number, offset: number, order: 'newest' | 'soonest') =>
      (await store.search({ words: whole, order }, { limit, offset })).map(({ id }) => id);

    expect(await page(2, 0, 'newest')).toEqual(['bk_4', 'bk_3']);
    expect(await page(2, 2, 'newest')).toEqual(['bk_2', 'bk_1']);
    expect(await page(2, 4, 'newest')).toEqual([]);
    expect(await page(2, 2, 'soonest')).toEqual(['bk_3', 'bk_4']);
    expect(await page(2, 4, 'soonest')).toEqual([]);
  });
};
