import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Store } from '../../../src/store/ports.ts';
import type { Announce } from '../../../src/store/postgres/announce.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import type { Work } from '../../../src/store/process-ports.ts';
import { claimed, deliveryOf, died, failure, planned, routed } from '../../contracts/store/harness.ts';
import { anAct, anActor, aPlannedDelivery, aWebhook, T0 } from '../../support/builders.ts';
import { openTestStore } from '../../support/postgres.ts';

const LATER = T0 + 1_000;
const TIMES = 15;

/** Two processes on one database, and what either told the others of. */
const twoStores = async (): Promise<{ one: Store; other: Store; told: { work: Work; at: number }[] }> => {
  const { url, close } = await openTestStore();
  const told: { work: Work; at: number }[] = [];
  const announce: Announce = {
    within: async (_, work) => {
      told.push(...work);
    },
    soon: () => {},
  };
  const open = () => openPostgresStore(url, { announce, log: silentLog(), connections: 4 });
  const [one, other] = await Promise.all([open(), open()]);
  onTestFinished(async () => {
    await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
    await close();
  });
  return { one, other, told };
};

test('a retry never touches what another process claims at the same moment', async () => {
  const { one, other } = await twoStores();
  const ids: string[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const id = await planned(one);
    await one.settle(failure(await claimed(one, id)));
    ids.push(id);
  }

  const outcomes = await Promise.all(
    ids.map(async (id) => {
      const [, claims] = await Promise.all([one.retry(id, LATER, anActor()), other.claim([id], LATER)]);
      return claims.length;
    }),
  );

  for (const [index, id] of ids.entries()) {
    const { status, attempts } = await deliveryOf(one, id);
    expect(status).toBe(outcomes[index] === 1 ? 'running' : 'pending');
    expect(attempts.filter(({ outcome }) => outcome === 'running')).toHaveLength(outcomes[index] ?? 0);
  }
});

test('of a concurrent retry and rerun of a delivery, only one has it performed', async () => {
  const { one, other } = await twoStores();
  const webhooks = Array.from({ length: TIMES }, () => aWebhook());
  const dead: string[] = [];
  for (const webhook of webhooks) {
    const [id = ''] = await routed(one, webhook, [{}]);
    await died(one, id);
    dead.push(id);
  }

  const outcomes = await Promise.all(
    webhooks.map(({ id: webhookId }, index) => {
      const run = {
        webhookId,
        token: `click_${index}`,
        deliveries: [aPlannedDelivery({ id: `dl_again_${index}`, webhookId })],
        insteadOf: [dead[index] ?? ''],
        act: anAct({ kind: 'rerun', at: LATER, subject: webhookId }),
      };
      return Promise.all([one.retry(dead[index] ?? '', LATER, anActor()), other.rerun(run)]);
    }),
  );

  for (const [index, [retried, run]] of outcomes.entries()) {
    const { status } = await deliveryOf(one, dead[index] ?? '');
    expect([retried.length, run, status]).toEqual(
      run === 'planned' ? [0, 'planned', 'superseded'] : [1, 'conflict', 'pending'],
    );
  }
});

test('a click that reaches two processes is done once', async () => {
  const { one, other } = await twoStores();
  const webhook = aWebhook();
  const [id = ''] = await routed(one, webhook, [{}]);
  await died(one, id);
  const run = (store: Store, delivery: string) =>
    store.rerun({
      webhookId: webhook.id,
      token: 'the same',
      deliveries: [aPlannedDelivery({ id: delivery, webhookId: webhook.id })],
      act: anAct({ kind: 'rerun', at: LATER, subject: webhook.id }),
    });

  const runs = await Promise.all([run(one, 'dl_1'), run(other, 'dl_2'), run(one, 'dl_3'), run(other, 'dl_4')]);
  const retries = await Promise.all([one, other, one, other].map((store) => store.retry(id, LATER, anActor())));

  expect(runs.toSorted()).toEqual(['planned', 'repeated', 'repeated', 'repeated']);
  expect(retries.flat()).toEqual([id]);
  expect(await one.deliveries({ limit: 10, offset: 0 })).toHaveLength(2);
  expect(await one.acts({ limit: 10, offset: 0 })).toHaveLength(2);
});

test('workers are told of deliveries that were made due', async () => {
  const { one, told } = await twoStores();
  const webhook = aWebhook();
  const [mail = '', post = ''] = await routed(one, webhook, [{}, { kind: 'slack' }]);
  for (const id of [mail, post]) await died(one, id);
  told.length = 0;

  await one.retry(webhook.id, LATER, anActor());
  expect(told.toSorted((a, b) => a.work.localeCompare(b.work))).toEqual([
    { work: 'email', at: LATER },
    { work: 'slack', at: LATER },
  ]);
  told.length = 0;
  const deliveries = [aPlannedDelivery({ kind: 'sheet', webhookId: webhook.id })];
  await one.rerun({ webhookId: webhook.id, token: 't', deliveries, act: anAct({ at: LATER + 1 }) });
  await one.retry('bk_unknown', LATER, anActor());

  expect(told).toEqual([{ work: 'sheet', at: LATER + 1 }]);
});
