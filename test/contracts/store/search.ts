import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store/ports.ts';
import { aWebhook } from '../../support/builders.ts';
import { freshStores, type OpenStore, routed } from './harness.ts';

const book = (
  store: Store,
  id: string,
  attendee: { name?: string; email?: string },
  more: Record<string, unknown> = {},
) =>
  routed(
    store,
    aWebhook({
      data: {
        id,
        attendee_name: attendee.name ?? 'Nobody',
        attendee_email: attendee.email ?? 'x@example.net',
        ...more,
      },
    }),
  );

const found = async (store: Store, words: string): Promise<string[]> =>
  (await store.search({ words }, { limit: 100, offset: 0 })).map(({ id }) => id);

/** Names as they are booked, and as somebody looks for them. */
const SAME_NAMES = [
  ['Łukasz Wąsik', 'lukasz wasik'],
  ['Lukasz', 'ŁUKASZ'],
  ['Jürgen Müller', 'muller'],
  ['Jurgen Muller', 'Müller'],
  ['José Ñandú', 'jose nandu'],
  ['Jose\u0301', 'jos\u00e9'],
  ['İstanbul Işık', 'istanbul isik'],
  ['istanbul', 'İSTANBUL'],
  ['Weiß', 'weiss'],
  ['WEISS', 'weiß'],
  ['Søren Æbelø', 'soren aebelo'],
  ['Nguyễn Thị', 'nguyen thi'],
  ['Ω ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
  ['ΟΔΥΣΣΕΥΣ', 'ΟΔΥΣ'],
  ['Дмитрий Ёлкин', 'елкин'],
  ['ｆｕｌｌ ｗｉｄｔｈ', 'full width'],
  ['田中太郎', '田中太'],
  ['김민준', '김민'],
] as const;

export const searchContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('ignores case, accents and letters of other keyboards', async () => {
    const { store } = await fresh();
    await book(store, 'bk_other', { name: 'Someone Else' });
    for (const [index, [name]] of SAME_NAMES.entries()) await book(store, `bk_${index}`, { name });

    for (const [index, [name, words]] of SAME_NAMES.entries()) {
      const ids = await found(store, words);
      expect(ids, `${name} by ${words}`).toContain(`bk_${index}`);
      expect(ids, words).not.toContain('bk_other');
    }
  });

  it('finds parts of words, wherever they stand', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { name: 'Alexandra Hamilton' });

    for (const part of ['alex', 'xandra', 'milt', 'ton', 'andra hami', 'HAM alex']) {
      expect(await found(store, part), part).toEqual(['bk_1']);
    }
  });

  it('wants every word, in any order', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { name: 'Anna Kowalska' });
    await book(store, 'bk_2', { name: 'Anna Nowak' });

    expect(await found(store, 'kowalska anna')).toEqual(['bk_1']);
    expect(await found(store, 'anna')).toEqual(['bk_2', 'bk_1']);
    expect(await found(store, 'anna smith')).toEqual([]);
  });

  it('finds two-letter names at the start of words', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { name: 'Bo Li' });
    await book(store, 'bk_2', { name: 'Jacob Klimt' });

    expect(await found(store, 'li')).toEqual(['bk_1']);
    expect(await found(store, 'bo li')).toEqual(['bk_1']);
    expect(await found(store, 'Kl')).toEqual(['bk_2']);
  });

  it('finds ids, addresses, phone numbers and titles, whole and in part', async () => {
    const { store } = await fresh();
    const email = "mary.o'neil+web-kasa@sub-domain.example.co.uk";
    const fields = {
      schedule_id: 'sch_Q7',
      event_id: 'evt_Z9',
      title: 'Tax "advice" 50%_off',
      attendee_phone: '+48 600-700',
    };
    await book(store, 'bk_xyz789', { name: 'Mary', email }, fields);
    await book(store, 'bk_other', {});

    const parts = [
      'bk_xyz789',
      'xyz7',
      'sch_q7',
      'evt_z9',
      email,
      "o'neil+web",
      '@sub-domain',
      '.co.uk',
      'kasa@sub',
      '"advice"',
    ];
    for (const part of [...parts, 'advice', '50%_off', '+48', '600-700', 'y.o']) {
      expect(await found(store, part), part).toEqual(['bk_xyz789']);
    }
    for (const part of ['bk%xyz', 'bk_xyz_89', 'maryo', '50%%off']) expect(await found(store, part), part).toEqual([]);
  });

  it('finds nothing if all words are too short to search for', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { name: 'Xavier' });

    for (const words of ['x', '\0', '🦊', '\u0301']) {
      expect(await found(store, words), JSON.stringify(words)).toEqual([]);
    }
  });

  it('takes operators for plain text', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { name: 'Anna' });
    await book(store, 'bk_2', { name: 'Bob' });
    const quotes = ['"', '""', '"""', '"anna', "'anna"];
    const operators = [
      '*',
      'ann*',
      'NEAR',
      'NEAR(anna bob)',
      'OR',
      'anna OR bob',
      'anna NOT bob',
      '-anna',
      'text:anna',
    ];

    for (const words of [...quotes, ...operators]) expect(await found(store, words), words).toEqual([]);
  });

  it('finds names that look like operators', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { name: 'AND OR NOT "NEAR" a*b ^c' });

    for (const words of ['and', 'or not', 'NEAR', '"near"', 'a*b', '^c']) {
      expect(await found(store, words), words).toEqual(['bk_1']);
    }
  });

  it('never fails, whatever is typed, and finds what it was given to find', async () => {
    const { store } = await fresh();
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"', '*', 'AND', 'NEAR(', '%', '_', '\\', "'", ';--'),
    );
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (words) => {
        await store.search({ words: words.join(' ') }, { limit: 10, offset: 0 });
        count += 1;
        const name = `Quentin ${words.join(' ')}`;
        await book(store, `bk_${count}_`, { name });
        expect(await found(store, `${name} bk_${count}_`)).toContain(`bk_${count}_`);
      }),
      { numRuns: 40 },
    );
  });

  it('takes very long questions', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { name: 'Anna' });

    expect(await found(store, 'anna '.repeat(5_000))).toEqual(['bk_1']);
    expect(await found(store, Array.from({ length: 2_000 }, (_, index) => `word${index}`).join(' '))).toEqual([]);
    expect(await found(store, 'a'.repeat(100_000))).toEqual([]);
  });

  describe('after a change', () => {
    it('finds a resource under its new name only, and once', async () => {
      const { store, reopen } = await fresh();
      await book(store, 'bk_1', { name: 'Anna Before', email: 'anna@example.com' });
      await book(store, 'bk_1', { name: 'Hannah After', email: 'anna@example.com' });

      for (const opened of [() => store, reopen]) {
        const now = await opened();
        expect(await found(now, 'before')).toEqual([]);
        expect(await found(now, 'after')).toEqual(['bk_1']);
        expect(await found(now, 'anna@example.com')).toEqual(['bk_1']);
      }
    });

    it('keeps up with names that change all the time', async () => {
      const { store } = await fresh();
      for (let change = 0; change < 200; change += 1) {
        await book(store, `bk_${change % 20}`, { name: `Guest${change}` });
      }

      expect(await found(store, 'guest')).toHaveLength(20);
      expect(await found(store, 'guest180')).toEqual(['bk_0']);
      expect(await found(store, 'guest160')).toEqual([]);
    });

    it('returns the newest state', async () => {
      const { store } = await fresh();
      await book(store, 'bk_1', { name: 'Anna' }, { status: 'PENDING' });
      await book(store, 'bk_1', { name: 'Anna' }, { status: 'CONFIRMED' });

      const [resource] = await store.search({ words: 'anna' }, { limit: 1, offset: 0 });

      expect(resource).toEqual(await store.getResource({ kind: 'booking', id: 'bk_1' }));
      expect(resource?.status).toBe('CONFIRMED');
    });
  });
};
