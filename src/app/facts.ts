import type { Config } from '../config.ts';
import type { Log } from '../runtime/log.ts';
import type { FactFinder } from '../webkasa/facts.ts';
import { createFactFinder } from '../webkasa/finder.ts';

export type FactsDeps = {
  readonly log: Log;
  readonly now: () => number;
  /** Is called with the outcome of each request. */
  readonly onAnswer?: (result: string) => void;
};

/** Enriches webhooks from WebKasa's API; undefined without a key. */
export const openFacts = (
  { webkasa }: Config,
  { log, now, onAnswer = () => {} }: FactsDeps,
): (FactFinder & AsyncDisposable) | undefined => webkasa && createFactFinder({ ...webkasa, now, onAnswer, log });
