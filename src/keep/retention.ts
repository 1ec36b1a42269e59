import { messageOf } from '../core/errors.ts';
import { type Background, inBackground } from '../runtime/background.ts';
import type { Log } from '../runtime/log.ts';
import { giveWay, type Pressure } from '../runtime/pressure.ts';
import type { Wake } from '../runtime/wake.ts';
import type { Forgotten, KeepingStore } from '../store/keeping-ports.ts';
import type { Turns } from '../store/ports.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** Webhooks looked at in one transaction: a few milliseconds of work, which an incoming webhook may have to wait for. */
const A_STEP = 4;
/** The least milliseconds between two steps; after a slow step, twice the time it took. */
const REST = 10;
/** The same within a running bot: each step changes pages all over the file, which checkpoints then write back. */
const REST_WHILE_SERVING = 50;
/** Freed space is given back to the disk once in so many steps. */
const STEPS_A_RETURN = 20;
/** The longest that a step waits while requests pour in, in milliseconds. */
const LONGEST_WAIT = 10_000;
/** An event can only be forgotten after its registrations, whose webhooks come later: in the second pass. */
const PASSES = 2;

type Forgetting = Pick<KeepingStore, 'forget' | 'giveBack'>;

/**
 * Forgets everything that was over before `before` (Unix milliseconds), step by step, and gives the freed space back to the
 * disk. `between` is called after each step with the totals so far and the milliseconds that the step took; it returns whether
 * to go on.
 */
export const forgetAll = async (
  store: Forgetting,
  before: number,
  between: (gone: Forgotten, took: number) => Promise<boolean>,
): Promise<Forgotten> => {
  let gone: Forgotten = { webhooks: 0, resources: 0, deliveries: 0 };
  let steps = 0;
  for (let pass = 0; pass < PASSES; pass += 1) {
    const earlier = gone.webhooks;
    for (let after: number | null = 0; after !== null; ) {
      const begun = performance.now();
      const step = await store.forget({ before, after, most: A_STEP });
      gone = added(gone, step);
      after = step.next;
      steps += 1;
      if (steps % STEPS_A_RETURN === 0 && step.webhooks > 0) await store.giveBack();
      if (!(await between(gone, performance.now() - begun))) return gone;
    }
    if (gone.webhooks === earlier) break;
  }
  if (gone.webhooks + gone.deliveries === 0) return gone;
  for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
    const begun = performance.now();
    const now = (await store.giveBack()).left;
    // What can't be given back now, while others read from the file, is left for the next time.
    if (now >= left || !(await between(gone, performance.now() - begun))) break;
    left = now;
  }
  return gone;
};

const added = (one: Forgotten, other: Forgotten): Forgotten => ({
  webhooks: one.webhooks + other.webhooks,
  resources: one.resources + other.resources,
  deliveries: one.deliveries + other.deliveries,
});

/** The time before which a bot forgets that keeps so many days, in Unix milliseconds. */
export const borderOf = (days: number, now: number): number => now - days * DAY;

/** Rests between two steps; with `pressure`, longer while requests pour in. */
export const restBetween = async (
  alarm: Wake,
  pressure: Pick<Pressure, 'high'> | undefined,
  took: number,
): Promise<void> => {
  await alarm.rest(Math.max(pressure ? REST_WHILE_SERVING : REST, 2 * took));
  if (pressure) await giveWay(pressure, alarm, LONGEST_WAIT);
};

/**
 * Forgets once an hour, from a minute after the start, what has been over for `days` days. Of processes that share a store, one
 * does so at a time. A failure is logged and tried again an hour later. Disposing waits for the step under way.
 */
export const startRetention = (deps: {
  readonly store: Forgetting & Turns;
  readonly days: number;
  readonly pressure: Pick<Pressure, 'high'>;
  readonly now: () => number;
  readonly log: Log;
  /** Milliseconds until the first run and between two runs; for tests. */
  readonly first?: number;
  readonly every?: number;
}): AsyncDisposable => {
  const { store, days, pressure, now, log, first = 60_000, every = HOUR } = deps;

  const once = async ({ alarm, stopping }: Background): Promise<void> => {
    if (stopping()) return;
    const gone = await forgetAll(store, borderOf(days, now()), async (_, took) => {
      await restBetween(alarm, pressure, took);
      return !stopping();
    });
    if (gone.webhooks > 0) log.info({ ...gone, days }, `forgot what was over for more than ${days} days`);
  };

  return inBackground(async (background) => {
    for (let wait = first; !background.stopping(); wait = every) {
      await background.alarm.sleep(wait);
      if (background.stopping()) return;
      let begun: Promise<void> | undefined;
      const turn = store
        .inTurn('retention', () => {
          begun = once(background);
          return begun;
        })
        .catch((error: unknown) => {
          if (background.stopping()) return;
          log.error({ error: messageOf(error) }, 'what is over could not be forgotten; it is tried again in an hour');
        });
      // Another process may have its turn for hours: a stop waits for what runs here, not for the turn to come.
      await Promise.race([turn, background.stopped]);
      await begun?.catch(() => undefined);
    }
  });
};
