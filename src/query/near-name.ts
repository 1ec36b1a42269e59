import distance from 'leven';
import { nearest } from '../core/suggest.ts';

/**
 * The name that was probably meant, undefined if none is near. In words of up to four letters only one may differ (`time` is
 * no typo of `type`), or two may have changed places.
 */
export const nearName = (typed: string, names: readonly string[]): string | undefined => {
  const near = nearest(typed, names);
  if (near === undefined || typed.length > 4) return near;
  const lower = typed.toLowerCase();
  return distance(lower, near.toLowerCase()) <= 1 || letters(lower) === letters(near.toLowerCase()) ? near : undefined;
};

const letters = (word: string): string => Array.from(word).sort().join('');
