import { nearest } from '../core/nearest.ts';

export { nearest };

/** `; did you mean "to"?` where one of the candidates is near, else nothing: to be put after a sentence. */
export const didYouMean = (written: string, candidates: Iterable<string>): string => {
  const near = nearest(written, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
};
