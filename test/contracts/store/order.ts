import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ClaimedDelivery } from '../../../src/core/delivery.ts';
import type { WhenLate } from '../../../src/core/rule.ts';
import type { Store } from '../../../src/store/ports.ts';
import { T0 } from '../../support/builders.ts';
import { done, failure, freshStores, type OpenStore, planned } from './harness.ts';

/** What the model knows of a delivery; the store is not asked. */
type Known = { id: string; key: string; version: number; arrival: number; late: WhenLate; state: State; dueAt: number };
type State = 'pending' | 'running' | 'done' | 'dead' | 'superseded';

type Model = { now: number; known: Map<string, Known>; running: ClaimedDelivery[] };
type Step = (store: Store, model: Model) => Promise<void>;

const ofKey = (model: Model, key: string): Known[] => [...model.known.values()].filter((one) => one.key === key);
const isBefore = (a: Known, b: Known): boolean =>
  a.version < b.version || (a.version === b.version && a.arrival < b.arrival);

const mayGo = (model: Model, one: Known): boolean =>
  one.state === 'pending' &&
  one.dueAt <= model.now &&
  ofKey(model, one.key).every(
    (other) => other.state !== 'running' && !(other.state === 'pending' && isBefore(other, one)),
  );

const toldNewer = (model: Model, one: Known): boolean =>
  ofKey(model, one.key).some((other) => other.state === 'done' && other.version > one.version);

/** Supersedes what due() would supersede, in the model. */
const supersede = (model: Model): void => {
  for (;;) {
    const late = [...model.known.values()].filter(
      (one) => one.late === 'skip' && mayGo(model, one) && toldNewer(model, one),
    );
    if (late.length === 0) return;
    for (const one of late) one.state = 'superseded';
  }
};

const plan =
  (key: string, version: number, late: WhenLate): Step =>
  async (store, model) => {
    const id = await planned(store, { key, version, late }, model.now);
    model.known.set(id, { id, key, version, arrival: model.known.size, late, state: 'pending', dueAt: model.now });
  };

const claimDue =
  (limit: number): Step =>
  async (store, model) => {
    const due = await store.due('email', model.now, limit);
    supersede(model);
    const ready = [...model.known.values()].filter((one) => mayGo(model, one));
    for (const { id } of due) expect(ready.map((one) => one.id)).toContain(id);
    if (ready.length > 0) expect(due.length).toBeGreaterThan(0);
    const claims = await store.claim(
      due.map(({ id }) => id),
      model.now,
    );
    expect(claims.map(({ id }) => id)).toEqual(due.map(({ id }) => id));
    for (const { id } of claims) Object.assign(model.known.get(id) ?? {}, { state: 'running' });
    const keys = [...model.known.values()].filter(({ state }) => state === 'running').map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    model.running.push(...claims);
  };

const settle =
  (which: number, outcome: 'done' | 'dead' | 'pending'): Step =>
  async (store, model) => {
    const [claim] = model.running.splice(which % Math.max(1, model.running.length), 1);
    if (!claim) return;
    const dueAt = model.now + 2;
    await store.settle(outcome === 'done' ? done(claim) : failure(claim, { status: outcome, dueAt }));
    Object.assign(model.known.get(claim.id) ?? {}, { state: outcome, ...(outcome === 'pending' && { dueAt }) });
  };

const crash: Step = async (store, model) => {
  expect(await store.recoverRunning(model.now)).toBe(model.running.length);
  for (const { id } of model.running.splice(0)) {
    Object.assign(model.known.get(id) ?? {}, { state: 'pending' });
  }
};

const tick: Step = async (_, model) => {
  model.now += 1;
};

const steps = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 6 }), fc.constantFrom<WhenLate[]>('skip', 'deliver'))
      .map(([key, version, late]) => plan(key, version, late)),
    fc.constantFrom(1, 2, 100).map(claimDue),
    fc
      .tuple(fc.nat({ max: 3 }), fc.constantFrom<('done' | 'dead' | 'pending')[]>('done', 'done', 'dead', 'pending'))
      .map(([which, outcome]) => settle(which, outcome)),
    fc.constant(crash),
    fc.constant(tick),
  ),
  { maxLength: 40, size: 'max' },
);

export const orderContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('runs the deliveries of a key one at a time and in order, and ends every one, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const harness = await fresh();
        const { store } = harness;
        const model: Model = { now: T0, known: new Map(), running: [] };
        for (const step of sequence) await step(store, model);

        await crash(store, model);
        model.now += 10;
        for (let left = model.known.size; left >= 0; left -= 1) {
          await claimDue(100)(store, model);
          while (model.running.length > 0) await settle(0, 'done')(store, model);
        }

        const told = await store.deliveries({ limit: 1_000, offset: 0 });
        expect(told.map(({ id, status }) => [id, status]).reverse()).toEqual(
          [...model.known.values()].map(({ id, state }) => [id, state]),
        );
        expect(told.filter(({ status }) => status === 'pending' || status === 'running')).toEqual([]);
        await harness.close();
      }),
      { numRuns: 15 },
    );
  });
};
