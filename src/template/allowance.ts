/*
 * What rendering one mail, message or field may cost. Templates are written by the team, but what they loop over comes from
 * strangers, and a slip (a loop in a loop, a piece that renders itself) must neither hold up the webhooks that come in
 * meanwhile nor fill the memory. Everything that is rendered together shares one allowance.
 */

export type AllowanceLimits = {
  /** Milliseconds of this thread's processor time; a machine that stands still meanwhile costs nothing. */
  readonly milliseconds: number;
  /** Characters that all parts, and all that they are made of, may write; each filter counts what it reads as read. */
  readonly characters: number;
  /** The longest text or list that a filter may take, or a range may be. */
  readonly longest: number;
  /** How deep pieces and loops may stand in one another while they run. */
  readonly depth: number;
};

/**
 * A mail of the starter templates takes about a millisecond, and 30 the first time; a webhook is a megabyte at the most,
 * and each of its characters five in HTML at the worst, in a body and a captured piece of it.
 */
export const MESSAGE_LIMITS: AllowanceLimits = {
  milliseconds: 250,
  characters: 20_000_000,
  longest: 1_200_000,
  depth: 100,
};

/** A field of a rule: an address, a title, a cell. */
export const FIELD_LIMITS: AllowanceLimits = { ...MESSAGE_LIMITS, milliseconds: 50, characters: 5_000_000 };

/** Nothing may take more than it is allowed; `message` says what was too much, and where to look. */
export class TemplateTooCostly extends Error {}

/** Both limiters that liquidjs asks, and what else is counted. */
export type Meter = {
  /** So much text or so long a list is worked on. */
  use(count: number): void;
  /** So much text is written. */
  write(count: number): void;
  /** Looks at the clock; `now` is `performance.now()`. */
  check(now: number): void;
  /** So deep does it stand in pieces and loops. */
  enter(depth: number): void;
};

export type Clocks = {
  /** Milliseconds that passed. */
  readonly passed: () => number;
  /** Milliseconds that this thread kept a processor busy; dearer to ask. */
  readonly worked: () => number;
};

const CLOCKS: Clocks = {
  passed: () => performance.now(),
  worked: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
};

/** Looking at the clock costs as much as writing a few dozen characters. */
const LOOK_EVERY = 50_000;
/** A step costs at least as much as so many characters. */
const STEP = 50;

export const createMeter = (limits: AllowanceLimits, clocks: Clocks = CLOCKS): Meter => {
  const begun = clocks.worked();
  let deadline = clocks.passed() + limits.milliseconds;
  let written = 0;
  let steps = 0;
  let look = LOOK_EVERY;

  const check = (now: number): void => {
    if (now <= deadline) return;
    const left = limits.milliseconds - (clocks.worked() - begun);
    if (left <= 0) {
      throw new TemplateTooCostly(
        `it takes more than ${limits.milliseconds} ms, so it was stopped: look for a loop in a loop, or a loop over much data`,
      );
    }
    deadline = now + left;
  };
  const step = (cost: number): void => {
    steps += cost;
    if (steps < look) return;
    look = steps + LOOK_EVERY;
    check(clocks.passed());
  };
  const count = (characters: number): void => {
    written += characters;
    if (written > limits.characters) {
      throw new TemplateTooCostly(
        `it writes and works on more than ${limits.characters / 1e6} million characters, so it was stopped: look for text that grows in a loop, or shorten it with truncate`,
      );
    }
    step(characters);
  };

  return {
    check,
    use(size) {
      if (!(size > 0)) return;
      if (size > limits.longest) {
        throw new TemplateTooCostly(
          `a text, list or range in it is longer than ${limits.longest / 1e6} million, so it was stopped: look for text that doubles, or a range with a great end`,
        );
      }
      count(size);
    },
    write: count,
    enter(depth) {
      if (depth > limits.depth) {
        throw new TemplateTooCostly(
          `pieces in it stand in one another over ${limits.depth} deep, so it was stopped: look for a piece that renders itself`,
        );
      }
      step(STEP);
    },
  };
};

/** Renders with a meter of its own; throws what `render` throws, which is how a TemplateTooCostly comes out. */
export type Allowance = <Result>(render: (meter: Meter) => Result) => Result;

/** From so many overruns in a row on a template is given this part of the time, until it has been within it again. */
const PATIENCE: readonly (readonly [overruns: number, part: number])[] = [
  [5, 0.02],
  [2, 0.1],
];

/**
 * The allowance of one template. One that is always too costly must not cost every mail the whole time, and still has to
 * work again at once where it was the data.
 */
export const createAllowance = (limits: AllowanceLimits): Allowance => {
  let overruns = 0;
  const milliseconds = (): number => {
    const [, part = 1] = PATIENCE.find(([least]) => overruns >= least) ?? [];
    return limits.milliseconds * part;
  };
  return (render) => {
    try {
      const result = render(createMeter({ ...limits, milliseconds: milliseconds() }));
      overruns = 0;
      return result;
    } catch (error) {
      if (isTooCostly(error)) overruns += 1;
      throw error;
    }
  };
};

/** Whether this is what a meter threw, also where liquidjs has put it into an error of its own. */
export const isTooCostly = (error: unknown): boolean =>
  error instanceof TemplateTooCostly ||
  (error instanceof Error && 'originalError' in error && isTooCostly(error.originalError));
