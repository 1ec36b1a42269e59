import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { inBackground } from './background.ts';
import type { Pressure } from './pressure.ts';

/** Milliseconds after the start by which everything it needed is done. */
const SETTLED = 500;
/**
 * Milliseconds until the next try where requests came at once: collecting also drops the code that V8 compiled for them, which
 * it would have to compile again amid the load.
 */
const LATER = 60_000;

export type Tidying = {
  readonly pressure: Pick<Pressure, 'high'>;
  readonly collect?: () => void;
  readonly after?: number;
  readonly later?: number;
};

/**
 * Frees the memory that starting used, some fifteen megabytes: an idle bot would hold on to it for days, since V8 collects
 * garbage only as more is allocated. Before that, writes the compile cache for the next start; Node itself writes it only when
 * the process exits in order, and so never when it is killed.
 */
export const tidyAfterStart = ({
  pressure,
  collect = collectGarbage,
  after = SETTLED,
  later = LATER,
}: Tidying): AsyncDisposable =>
  inBackground(async ({ alarm, stopping }) => {
    await alarm.rest(after);
    while (!stopping() && pressure.high()) await alarm.rest(later);
    if (stopping()) return;
    flushCompileCache();
    collect();
  });

/**
 * V8 exposes gc() only to contexts created after the flag was set. The `last-resort` flavor also drops compiled code that is
 * not in use.
 */
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (how: { type: 'major'; flavor: 'last-resort' }) => void;
  collect({ type: 'major', flavor: 'last-resort' });
};
