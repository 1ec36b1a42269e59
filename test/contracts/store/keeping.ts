import { domainToASCII } from 'node:url';
import { expect, it } from 'vitest';
import { eraseRows, planErasing, tracesIn } from '../../../src/keep/erase.ts';
import { everyRow as pagesOf, textOf } from '../../../src/keep/erase-find.ts';
import { personOf } from '../../../src/keep/person.ts';
import type { Kept, KeptRow } from '../../../src/store/keeping-ports.ts';
import { columnsOf, KEPT_TABLE_NAMES, keyOf } from '../../../src/store/kept-tables.ts';
import type { Store } from '../../../src/store/ports.ts';
import { anAct, anActor, aReceived, aRouting, aWebhook, bytesOf, T0 } from '../../support/builders.ts';
import { accepted, claimed, done, freshStores, type OpenStore, performed, routed } from './harness.ts';

const GONE = 'gone@example.com';
const data = (more: object = {}) => ({ attendee_email: 'Gone@Example.com', attendee_name: 'Gwendolyn Gone', ...more });
const toGone = { destination: `email:${GONE}`, action: { kind: 'email', email: { to: GONE, template: 'x' } } } as const;

/** A store with a row in every table, most of them about one person. */
const filled = async (store: Store): Promise<void> => {
  const [mail = '', post = ''] = await routed(store, aWebhook({ id: 'wh_1', data: data({ id: 'bk_1' }) }), [
    toGone,
    { kind: 'slack' },
  ]);
  await performed(store, mail);
  const claim = await claimed(store, post);
  await store.note(claim.attempt, { text: 'Gwendolyn Gone' });
  await store.settle({
    ...done(claim),
    outcome: {
      status: 'done',
      receipt: { summary: 'posted for Gwendolyn Gone', detail: { channel: 'C1', ts: '1.2' } },
    },
  });
  await routed(store, aWebhook({ data: data({ id: 'bk_1', status: 'CONFIRMED' }), type: 'booking.confirmed' }), [
    toGone,
  ]);
  await accepted(store, aWebhook({ id: 'wh_waits', data: data({ id: 'bk_2' }) }));
  const guests = [{ name: 'Gwen', email: GONE }, { name: 'Greta' }];
  await routed(store, aWebhook({ data: { id: 'bk_host', attendee_email: 'host@example.com', guests } }));
  await store.saveCard('C1|booking:bk_1', { channel: 'C1', ts: '1.2', version: 1, detail: { text: 'Gwendolyn Gone' } });
  await store.saveThread(`booking:bk_1|email:${GONE}`, { root: 'a', last: 'b', subject: 'Gwendolyn' });
  const invite = { sequence: 1, delivery: mail, version: 1, stamp: T0, method: 'REQUEST', times: 'x' } as const;
  await store.saveInvite(`bk_1@webkasa-bot ${GONE}`, invite);
  await store.refuseAddress({ address: GONE, at: T0, code: '550', message: `no ${GONE} here` });
  await store.setPause('email', { since: T0, until: T0 + 1, code: 'x', message: `550 <${GONE}> refused` });
  await store.recordRejections([{ at: T0, reason: 'x', remote: '::1', bytes: 1, userAgent: `bot (+mailto:${GONE})` }]);
  await store.recordAct(anAct({ kind: 'retry', subject: GONE, by: anActor(), summary: `mails go to ${GONE} again` }));
};

const everyRow = async (store: Store): Promise<Map<string, KeptRow[]>> => {
  const all = new Map<string, KeptRow[]>();
  for (const table of KEPT_TABLE_NAMES) {
    const rows: KeptRow[] = [];
    for (let after: Kept | undefined; ; ) {
      const [row] = await store.rows(table, after, 1);
      if (!row) break;
      rows.push(row);
      after = keyOf(table, row);
    }
    all.set(table, rows);
  }
  return all;
};

/** All that a store keeps, as one text. */
const textsIn = async (store: Store): Promise<string> => {
  let text = '';
  for (const table of KEPT_TABLE_NAMES) {
    for await (const row of pagesOf(table, (after, limit) => store.rows(table, after, limit))) {
      text += `${columnsOf(table)
        .map(([name]) => textOf(row[name]))
        .join('\t')}\n`;
    }
  }
  return text;
};

export const keepingContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('returns every row of every table once, page by page', async () => {
    const { store } = await fresh();
    await filled(store);

    const all = await everyRow(store);

    const { rows } = await store.size();
    expect(Object.fromEntries([...all].map(([table, found]) => [table, found.length]))).toEqual(rows);
    expect(Object.values(rows)).not.toContain(0);
    expect(all.get('webhook')?.[0]).toMatchObject({ id: 'wh_1', received_at: T0 });
  });

  it('finds the rows that contain a text in any case, and those that may spell it with escapes', async () => {
    const { store } = await fresh();
    await filled(store);
    const spelt = aReceived({ id: 'wh_spelt', body: Buffer.from('{"id":"wh_spelt","type":"x","to":"g\\u006fne@"}') });
    await store.accept(spelt);

    const found = await store.rowsHolding('webhook', [GONE], undefined, 10);

    expect(found.map(({ id }) => id)).toEqual(['wh_1', expect.any(String), 'wh_waits', expect.any(String), 'wh_spelt']);
    expect(await store.rowsHolding('webhook', [GONE], found[3]?.seq ?? 0, 10)).toHaveLength(1);
    expect(await store.rowsHolding('card', ['no such text'], undefined, 10)).toEqual([]);
    expect(await store.rowsHolding('unrouted', [GONE], undefined, 10)).toEqual([]);
  });

  it('writes changes atomically, and none if a row is not as it was read', async () => {
    const { store } = await fresh();
    await filled(store);
    const [pause] = await store.rows('pause', undefined, 1);
    const [card] = await store.rows('card', undefined, 1);
    if (!pause || !card) throw new Error('nothing to change');
    const change = (table: 'pause' | 'card', before: KeptRow, after: KeptRow | undefined) => ({ table, before, after });

    const stale = { ...card, ts: 'other' };
    const paused = { ...pause, message: 'again' };
    expect(await store.rewrite([change('pause', pause, paused), change('card', stale, undefined)])).toBe('conflict');
    expect(await store.rows('pause', undefined, 1)).toEqual([pause]);

    expect(await store.rewrite([change('pause', pause, paused), change('card', card, undefined)])).toBe('written');
    expect(await store.rows('pause', undefined, 1)).toEqual([paused]);
    expect(await store.rows('card', undefined, 1)).toEqual([]);
    expect(await store.rewrite([{ table: 'card', before: undefined, after: card }])).toBe('written');
    expect(await store.rows('card', undefined, 1)).toEqual([card]);
  });

  it('erases a person from every table, and leaves nothing that could be delivered or found', async () => {
    const { store, reopen } = await fresh();
    await filled(store);
    const person = personOf(GONE);
    const { plan } = await planErasing(store, person);
    expect(plan).toMatchObject({ webhooks: 3, resources: 1, deliveries: 3, inOthers: 2 });
    expect(plan.outOfReach).toEqual([{ kind: 'slack', where: 'C1', ts: '1.2', count: 1 }]);

    expect(await eraseRows(store, person, () => T0)).toBe(true);

    expect(await tracesIn(store, person)).toEqual([]);
    const text = JSON.stringify([...(await everyRow(store))], (_, value) =>
      value?.type === 'Buffer' || value instanceof Uint8Array ? Buffer.from(value.data ?? value).toString() : value,
    );
    expect(text).not.toMatch(/gwen|gone@/i);
    const again = await reopen();
    expect(await again.search({ words: 'gwendolyn' }, { limit: 9, offset: 0 })).toEqual([]);
    expect(await again.due('email', T0 + 1_000_000, 10)).toEqual([]);
    expect(await again.status()).toMatchObject({ webhooks: 4, unrouted: 0, deliveries: { done: 2, superseded: 1 } });
    expect(await again.accept(aReceived({ id: 'wh_waits' }))).toBe('duplicate');
    const { webhooks } = await again.story('bk_1');
    expect(webhooks.map(({ body }) => JSON.parse(Buffer.from(body).toString()).erased)).toEqual([true, true]);
    // Of somebody else's booking only the guest is gone.
    expect((await again.story('bk_host')).resources[0]?.data.guests).toEqual([
      { name: '(erased)', email: '(erased)' },
      { name: 'Greta' },
    ]);
  });

  it('erases a person however their address is spelt', async () => {
    const { store } = await fresh();
    const spellings = [
      'RENÉ@ÖSTER.example',
      'rene\u0301@o\u0308ster.example',
      `rené@${domainToASCII('öster.example')}`,
      'Renata Eins <René@öster.example>',
      ' rené@ÖSTER.EXAMPLE ',
    ];
    for (const [index, address] of spellings.entries()) {
      await routed(
        store,
        aWebhook({ data: { id: `bk_${index}`, attendee_email: address, attendee_name: `Namena ${index}` } }),
      );
    }
    const guests = [{ name: 'Namena Gast', email: 'RENÉ@ÖSTER.EXAMPLE' }, { name: 'Greta' }];
    await routed(
      store,
      aWebhook({ data: { id: 'bk_x', attendee_email: 'host@example.com', guests, notes: 'Namena Gast' } }),
    );
    const person = personOf('René@öster.example');
    expect((await planErasing(store, person)).plan).toMatchObject({ webhooks: 5, resources: 5, inOthers: 2 });

    expect(await eraseRows(store, person, () => T0)).toBe(true);

    expect(await tracesIn(store, person)).toEqual([]);
    expect(await textsIn(store)).not.toMatch(/namena|ren[eé]|ster\.example/iu);
    expect((await store.story('bk_x')).resources[0]?.data).toMatchObject({
      guests: [{ name: '(erased)', email: '(erased)' }, { name: 'Greta' }],
      notes: '(erased)',
    });
  });

  it.each([
    ['are somebody else’s by now', false],
    ['were somebody else’s in the end', true],
  ])('erases a person from bookings that %s, and from what others say of them', async (_, cancelled) => {
    const { store } = await fresh();
    const phone = '+48 600 700 800';
    const host = { attendee_email: 'host@example.com', attendee_name: 'Ana Host' };
    await routed(store, aWebhook({ data: data({ id: 'bk_1', attendee_phone: phone, notes: 'gluten' }) }));
    const before = data({ attendee_phone: phone, notes: 'gluten' });
    const passed = aWebhook({ data: { id: 'bk_1', ...host }, type: 'booking.confirmed' });
    const change = { text: 'Gwendolyn Gone gave it to Ana Host' };
    await routed(store, passed, [
      { kind: 'slack', action: { kind: 'slack', slack: { channel: '#x', as: 'plain', ...change } } },
    ]);
    const at = (await store.rows('webhook', undefined, 9)).at(-1)?.seq ?? 0;
    const [routing] = await store.rowsWith('routing', 'webhook', [at]);
    if (!routing) throw new Error('nothing is decided');
    const changed = { ...routing, changed_from: JSON.stringify(before) };
    await store.rewrite([{ table: 'routing', before: routing, after: changed }]);
    const again = aWebhook({ data: { id: 'bk_1', status: 'CANCELLED' }, type: 'booking.cancelled' });
    if (cancelled) await routed(store, again);
    const notes = `with Gwendolyn Gone (${GONE}, +48600700800)`;
    await routed(store, aWebhook({ data: { id: 'bk_2', ...host, notes, more: 'ask Gwendolyn Gone' } }));

    expect(await eraseRows(store, personOf(GONE), () => T0)).toBe(true);

    const texts = await textsIn(store);
    expect(texts).not.toMatch(/gwendolyn|gluten|gone@|600.?700/i);
    expect(texts).toContain('(erased) gave it to Ana Host');
    expect((await store.story('bk_2')).resources[0]?.data).toMatchObject({
      ...host,
      notes: 'with (erased) ((erased), (erased))',
      more: 'ask (erased)',
    });
  });

  it('erases a person with a thousand bookings', async () => {
    const { store } = await fresh();
    const person = personOf(GONE);
    const many = Array.from({ length: 1_000 }, (_, index) =>
      store.accept(
        aReceived({
          webhook: aWebhook({ data: data({ id: `bk_${index}`, notes: `gluten ${index}` }) }),
          receivedAt: T0,
        }),
      ),
    );
    await Promise.all(many);
    for (const stored of await store.unrouted(1_000)) await store.saveRouting(aRouting(stored, {}));
    await store.saveCard('C1|booking:bk_999', { channel: 'C1', ts: '1', version: 1, detail: { text: 'gluten 999' } });

    expect(await eraseRows(store, person, () => T0)).toBe(true);

    expect(await textsIn(store)).not.toMatch(/gwendolyn|gluten/i);
    expect((await store.getCard('C1|booking:bk_999'))?.detail).toEqual({ text: '(erased)' });
  }, 90_000);

  it('erases nobody else', async () => {
    const { store } = await fresh();
    await filled(store);
    await store.accept({ ...aReceived({ id: 'wh_x' }), body: bytesOf({ id: 'wh_x', type: 'x', to: `not.${GONE}` }) });
    const before = await everyRow(store);

    expect(await eraseRows(store, personOf('one@example.com'), () => T0)).toBe(true);

    expect(await everyRow(store)).toEqual(before);
  });
};
