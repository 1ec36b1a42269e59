import type { Config } from '../config.ts';
import type { Log } from '../runtime/log.ts';
import type { FactFinder } from '../webkasa/facts.ts';
import { createFactFinder } from '../webkasa/finder.ts';

/** What asks WebKasa's API; undefined without a key. `onAnswer` is told what each request came to. */
export const openFacts = (
  { webkasa }: Config,
  log: Log,
  onAnswer: (result: string) => void = () => {},
): (FactFinder & AsyncDisposable) | undefined =>
  webkasa && createFactFinder({ ...webkasa, now: Date.now, onAnswer, log });
