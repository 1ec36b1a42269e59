import type { AttemptStory } from './delivery-story.ts';

/** A run of consecutive attempts with the same result; often just one. */
export type Tries = { readonly first: AttemptStory; readonly last: AttemptStory; readonly count: number };

/** Combines consecutive attempts that had the same outcome, code and message. */
export const foldTries = (attempts: readonly AttemptStory[]): Tries[] => {
  const folded: Tries[] = [];
  for (const attempt of attempts) {
    const before = folded.at(-1);
    if (before && sameEnd(before.last, attempt)) {
      folded[folded.length - 1] = { ...before, last: attempt, count: before.count + 1 };
    } else folded.push({ first: attempt, last: attempt, count: 1 });
  }
  return folded;
};

const sameEnd = (one: AttemptStory, other: AttemptStory): boolean =>
  one.outcome === other.outcome && one.code === other.code && one.message === other.message;

/** When an attempt ended, or when it began if it has not ended. */
export const endOf = ({ startedAt, endedAt }: AttemptStory): Date => endedAt ?? startedAt;
