import type { Work } from '../process-ports.ts';
import type { Line } from './line.ts';

/** What processes tell each other beside the jobs, so that nobody has to look all the time. */
export type News = {
  /** There is work that anybody may look for. */
  work(work: Work): void;
  /** Jobs were sent, in a transaction that is about to be committed. */
  jobs(work: Work): void;
  /** Hears both; `undefined` where something may have been missed. */
  onNews(heard: (news: { readonly work: Work; readonly jobs: boolean } | undefined) => void): void;
  close(): void;
};

const CHANNEL = 'webkasa_work';
/** What is told within so many milliseconds is told once. A transaction that sends jobs is usually committed by then. */
const TOGETHER_MS = 20;
const JOBS = '+';

/**
 * Not told by the transactions themselves: PostgreSQL lets those that notify commit one after the other, each with its own
 * sync, which would take away what commits gain by sharing one.
 */
export const createNews = (line: Line): News => {
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;

  const flush = (): void => {
    timer = undefined;
    lastAt = performance.now();
    line.tell(CHANNEL, [...pending].join());
    pending.clear();
  };
  const add = (item: string, wait: number): void => {
    pending.add(item);
    timer ??= setTimeout(flush, wait);
  };

  return {
    work: (work) => add(work, Math.max(0, lastAt + TOGETHER_MS - performance.now())),
    jobs: (work) => add(JOBS + work, TOGETHER_MS),
    onNews(heard) {
      line.listen(CHANNEL, (text) => {
        if (text === undefined) return heard(undefined);
        for (const item of text.split(',')) {
          const jobs = item.startsWith(JOBS);
          heard({ work: (jobs ? item.slice(JOBS.length) : item) as Work, jobs });
        }
      });
    },
    close: () => clearTimeout(timer),
  };
};
