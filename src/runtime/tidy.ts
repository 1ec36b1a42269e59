import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { inBackground } from './background.ts';
import type { Pressure } from './pressure.ts';

/** Milliseconds after the start, when all that it needed is done. */
const SETTLED = 500;
/**
 * How long until it is looked again where requests came at once: what they made V8 compile is forgotten too, and would have to
 * be made anew in their midst.
 */
const LATER = 60_000;

export type Tidying = {
  readonly pressure: Pick<Pressure, 'high'>;
  readonly collect?: () => void;
  readonly after?: number;
  readonly later?: number;
};

/**
 * Gives back what starting left behind, some fifteen megabytes: a bot that has little to do would keep them for days, since
 * garbage is collected only where there is more and more of it. What was compiled is kept for the next start before, which it
 * would be at the end only, and not at all where the bot is killed.
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
 * V8 hands its collector only to contexts that are made after it was asked to. The last resort is to forget also what was
 * compiled to run once.
 */
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (how: { type: 'major'; flavor: 'last-resort' }) => void;
  collect({ type: 'major', flavor: 'last-resort' });
};
