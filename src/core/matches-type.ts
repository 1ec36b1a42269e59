/**
 * Whether any of the patterns fits the whole event type. `*` stands for any run of characters, dots and none at all
 * included; everything else, upper and lower case too, stands for itself.
 */
export const matchesType = (patterns: readonly string[], type: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, type));

/*
 * Goes back to the last star only, since an earlier one can't help where the last could not: at most
 * pattern × type steps, whatever a sender puts in a type.
 */
const matchesPattern = (pattern: string, type: string): boolean => {
  if (!pattern.includes('*')) return pattern === type;
  let at = 0;
  let star = -1;
  let starAt = 0;
  let next = 0;
  while (at < type.length) {
    if (pattern[next] === '*') {
      star = next;
      starAt = at;
      next += 1;
    } else if (pattern[next] === type[at]) {
      next += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      next = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[next] === '*') next += 1;
  return next === pattern.length;
};
