import type { Work } from '../process-ports.ts';
import type { Line } from './line.ts';

/** Notifications between processes beside the jobs, so that nobody has to poll all the time. */
export type News = {
  /** Announces that there may be work of that kind. */
  work(work: Work): void;
  /** Announces jobs that were inserted in a transaction which is about to be committed. */
  jobs(): void;
  /** Calls `heard` with work or JOBS; with undefined when notifications may have been missed. */
  onNews(heard: (news: Work | typeof JOBS | undefined) => void): void;
  close(): void;
};

export const JOBS = 'jobs';

const CHANNEL = 'webkasa_work';
/** Notifications within so many milliseconds are merged. A transaction that inserts jobs is usually committed by then. */
const TOGETHER_MS = 20;

/**
 * Notifies outside of the transactions that create the work: PostgreSQL serializes the commits of transactions that notify,
 * each with a sync of its own, so that they could no longer share one.
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
