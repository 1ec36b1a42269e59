import { describe, expect, test } from 'vitest';
import { createAdmission } from '../../../src/deliver/slack/admission.ts';
import { createRateLimit } from '../../../src/runtime/rate-limit.ts';
import { aSlackDelivery } from '../../support/slack-delivery.ts';

const DESTINATION = 'slack:#bookings';
const START = 1_800_000_000_000;

/** A channel whose folds are posted at once unless a test says otherwise, and the admission of single deliveries to it. */
const admissionAt = (joining: () => number = () => 0) => {
  const admission = createAdmission(createRateLimit({ perSecond: 1, burst: 5 }), joining);
  let count = 0;
  /** So many ask at once; returns whether the channel's queue is folded then. */
  const arrive = (seconds: number, many = 1): boolean =>
    ask(
      seconds,
      Array.from({ length: many }, () => `dl_${++count}`),
    );
  const ask = (seconds: number, ids: readonly string[]): boolean => {
    const now = START + seconds * 1000;
    const due = ids.map((id) => ({ id, destination: DESTINATION }));
    const places = admission.admit(due, now);
    for (const [index, { id, destination }] of due.entries()) {
      if ((places[index] ?? now) <= now) admission.begin(aSlackDelivery({ id, destination }), now);
    }
    return admission.folding(DESTINATION, now);
  };
  return { arrive, ask };
};

/** The seconds at which a single one arrives. */
const every = (seconds: number, from: number, to: number): number[] =>
  Array.from({ length: Math.floor((to - from) / seconds) }, (_, index) => from + index * seconds);

describe('after a burst', () => {
  test.each([2, 1.1])('one every %d s is told by itself again within ten seconds', (apart) => {
    const { arrive } = admissionAt();
    expect(arrive(0, 60)).toBe(true);
    const folded = every(apart, apart, 150).filter((second) => arrive(second));
    expect(folded.length).toBeGreaterThan(0);
    expect(folded.at(-1)).toBeLessThan(10);
  });

  test('it ends as soon where the first were sent away and come back later', () => {
    const { arrive, ask } = admissionAt();
    const first = Array.from({ length: 24 }, (_, index) => `dl_first_${index}`);
    for (const id of first) ask(0, [id]);
    expect(arrive(0.5, 40)).toBe(true);
    expect(ask(6, first)).toBe(true);
    expect(arrive(10)).toBe(true);
    expect(arrive(11)).toBe(false);
  });

  test('more than Slack takes goes on to be told together', () => {
    const { arrive } = admissionAt();
    arrive(0, 60);
    expect(every(0.5, 0.5, 60).every((second) => arrive(second))).toBe(true);
  });

  test('it goes on as long as more wait than Slack takes in that time', () => {
    let waiting = 30;
    const { arrive } = admissionAt(() => waiting);
    arrive(0, 60);
    expect(arrive(20)).toBe(true);
    waiting = 3;
    expect(arrive(22)).toBe(false);
  });

  test('a clock that was set back ends it', () => {
    const { arrive } = admissionAt();
    arrive(0, 60);
    expect(arrive(-3600)).toBe(false);
  });
});
