import type { Work } from '../process-ports.ts';
import type { Line } from './line.ts';

/** What processes tell each other beside the jobs, so that nobody has to look all the time. */
export type News = {
  /** There is work that anybody may look for. */
  work(work: Work): void;
  /** Jobs were sent, in a transaction that is about to be committed. */
  jobs(): void;
  /** Hears of work, of JOBS, and of `undefined` where something may have been missed. */
  onNews(heard: (news: Work | typeof JOBS | undefined) => void): void;
  close(): void;
};

export const JOBS = 'jobs';

const CHANNEL = 'webkasa_work';
/** What is told within so many milliseconds is told once. A transaction that sends jobs is usually committed by then. */
const TOGETHER_MS = 20;

/**
 * Not told by the transactions themselves: PostgreSQL lets those that notify commit one after the other, each with its own
 * sync, which would take away what commits gain by sharing one.
 */
export const createNews = (line: Line): News => {
  const pending = new Set<Work | typeof JOBS>();
  let timer: NodeJS.Timeout | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;

  const flush = (): void => {
    timer = undefined;
    lastAt = performance.now();
    line.tell(CHANNEL, [...pending].join());
    pending.clear();
  };
  const add = (news: Work | typeof JOBS, wait: number): void => {
    pending.add(news);
    timer ??= setTimeout(flush, wait);
  };

  return {
    work: (work) => add(work, Math.max(0, lastAt + TOGETHER_MS - performance.now())),
    jobs: () => add(JOBS, TOGETHER_MS),
    onNews(heard) {
      line.listen(CHANNEL, (text) => {
        if (text === undefined) heard(undefined);
        else for (const news of text.split(',')) heard(news as Work | typeof JOBS);
      });
    },
    close: () => clearTimeout(timer),
  };
};
