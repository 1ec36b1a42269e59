/**
 * How many milliseconds the clocks of two processes may differ. A webhook that another process received may seem to come a
 * little in the future; one from further ahead means that the clock was set back since.
 */
export const MOST_SKEW = 10_000;
