/** Something wrong in a file that people edit, with all that is needed to find and mend it. */
export type Problem = {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line?: number;
  readonly rule?: string;
  readonly field?: string;
  /** What is wrong, and where it helps, what to write in its place. */
  readonly message: string;
};

/** `rules.yaml:12 confirm-booking actions[0].slack.channel: …`, one line. */
export const describeProblem = (problem: Problem): string => {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  const where = [place, problem.rule, problem.field].filter(Boolean).join(' ');
  return `${where}: ${problem.message}`;
};
