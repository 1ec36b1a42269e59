import type { Config } from '../config.ts';
import type { Log } from '../runtime/log.ts';
import type { FactFinder } from '../webkasa/facts.ts';
import { createFactFinder } from '../webkasa/finder.ts';

/** What asks WebKasa's API; undefined without a key. */
export const openFacts = ({ webkasa }: Config, log: Log): (FactFinder & AsyncDisposable) | undefined =>
  webkasa && createFactFinder({ ...webkasa, now: Date.now, log });
