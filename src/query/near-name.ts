import distance from 'leven';
import { nearest } from '../core/suggest.ts';

/**
 * The name that was probably meant. In a word of four letters two that differ make another word (`time` is no slip of
 * `type`), unless two letters only changed places.
 */
export const nearName = (typed: string, names: readonly string[]): string | undefined => {
  const near = nearest(typed, names);
  if (near === undefined || typed.length > 4) return near;
  const lower = typed.toLowerCase();
  return distance(lower, near.toLowerCase()) <= 1 || letters(lower) === letters(near.toLowerCase()) ? near : undefined;
};

const letters = (word: string): string => Array.from(word).sort().join('');
