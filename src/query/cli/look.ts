import type { Paint } from './paint.ts';
import type { Times } from './times.ts';

/** How answers are formatted for people: time zone, width, colours. */
export type Look = {
  readonly paint: Paint;
  /** Columns of the terminal; undefined without one, when nothing has to fit. */
  readonly width: number | undefined;
  readonly times: Times;
  /** Names of Slack channels by their ids, as far as they are known. */
  readonly channels?: ReadonlyMap<string, string>;
};

/** How the command line is called, for messages that name a command. */
export const CLI = 'npm run cli --';
