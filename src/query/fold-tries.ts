import type { AttemptStory } from './delivery-story.ts';

/** Tries one after the other that ended alike, of which there is often but one. */
export type Tries = { readonly first: AttemptStory; readonly last: AttemptStory; readonly count: number };

/** Tries that ended the same way one after the other are told once, with how many there were. */
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

/** When a try ended, or began where it has not ended. */
export const endOf = ({ startedAt, endedAt }: AttemptStory): Date => endedAt ?? startedAt;
