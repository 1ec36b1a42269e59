import { readFileSync } from 'node:fs';

/*
 * Loaded by a process under test before its own modules, in each of its threads: from then on the clock is as wrong as
 * the file named by CHAOS_CLOCK_FILE says, in milliseconds. Timers and performance.now() run on, as they do where an
 * administrator sets a clock.
 */

const RealDate = Date;
const file = process.env.CHAOS_CLOCK_FILE ?? '';
let shift = 0;

const look = (): void => {
  try {
    shift = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    shift = 0; // Nobody has set the clock yet.
  }
};
look();
setInterval(look, 50).unref();

class ShiftedDate extends RealDate {
  constructor(...args: [] | [number | string | Date]) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...(args as [number]));
  }
  static override now(): number {
    return RealDate.now() + shift;
  }
}
globalThis.Date = ShiftedDate as DateConstructor;
