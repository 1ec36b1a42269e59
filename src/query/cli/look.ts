import type { Paint } from './paint.ts';
import type { Times } from './times.ts';

/** How answers are written for people: in which zone, how wide, in which colours. */
export type Look = {
  readonly paint: Paint;
  /** Columns of the terminal; undefined where there is none and nothing has to fit. */
  readonly width: number | undefined;
  readonly times: Times;
  /** What Slack's channels are called, by their ids, where that is known. */
  readonly channels?: ReadonlyMap<string, string>;
};

/** How the command line is called, for the hints that name a command. */
export const CLI = 'npm run cli --';
