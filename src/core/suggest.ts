import { closestMatch } from 'leven';

/** `; did you mean "to"?` where one of the candidates is near, else nothing: to be put after a sentence. */
export const didYouMean = (written: string, candidates: Iterable<string>): string => {
  const near = nearest(written, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
};

/** The candidate that differs by a few characters at most, however upper and lower case are. */
export const nearest = (written: string, candidates: Iterable<string>): string | undefined => {
  const list = [...candidates];
  const lower = written.toLowerCase();
  const same = list.find((candidate) => candidate.toLowerCase() === lower);
  if (same !== undefined) return same;
  // Two letters that changed places are two differences; in a short word that would be half of it.
  const maxDistance = written.length < 4 ? 1 : Math.max(2, Math.floor(written.length / 3));
  return closestMatch(lower.slice(0, 200), list, { maxDistance });
};
