/** Something wrong in the rules; `path` leads to it from whatever was checked. */
export type Fault = {
  /** An error where absent. */
  readonly severity?: 'warning';
  readonly path: Path;
  readonly message: string;
};

export type Path = readonly PropertyKey[];

/** `actions[0].slack.channel`, for people. */
export const pathText = (path: Path): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');

/** The same faults, seen from further out. */
export const under = (path: Path, faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
