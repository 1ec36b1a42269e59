import { nearest } from '../core/suggest.ts';
import { type Here, monday, today } from './days.ts';

const NAMED: Readonly<Record<string, (day: Temporal.PlainDate) => Temporal.PlainDate>> = {
  today: (day) => day,
  tomorrow: (day) => day.add({ days: 1 }),
  yesterday: (day) => day.subtract({ days: 1 }),
  'this-week': monday,
  'next-week': (day) => monday(day).add({ weeks: 1 }),
  'last-week': (day) => monday(day).subtract({ weeks: 1 }),
};
const NAMES = Object.keys(NAMED);

/** The day a search names (a week stands for its Monday), or what is wrong with it: `is no day: …`. */
export const readDay = (
  written: string,
  here: Here,
): { readonly day: Temporal.PlainDate } | { readonly problem: string } => {
  const name = written.toLowerCase().replaceAll(/[\s_]+/g, '-');
  if (Object.hasOwn(NAMED, name)) return { day: NAMED[name]?.(today(here)) ?? today(here) };
  if (/^\d{4}-\d{2}-\d{2}$/.test(name)) {
    try {
      return { day: Temporal.PlainDate.from(name) };
    } catch {
      return { problem: 'is no day: that month is shorter, or the year has fewer months.' };
    }
  }
  const near = nearest(name, NAMES);
  return {
    problem: near
      ? `is no day; did you mean ${near}?`
      : `is no day: write 2027-02-15, or one of ${NAMES.slice(0, -1).join(', ')} and ${NAMES.at(-1)}.`,
  };
};
