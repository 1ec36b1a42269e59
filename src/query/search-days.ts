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

export type ReadDay =
  | { readonly day: Temporal.PlainDate }
  /** What is wrong, to be appended to what was written: `is no day: …`; and the name that was probably meant. */
  | { readonly problem: string; readonly near?: string | undefined };

/** Reads a day as searches write it; a week stands for its Monday. */
export const readDay = (written: string, here: Here): ReadDay => {
  const name = written.toLowerCase().replaceAll(/[\s_]+/g, '-');
  if (Object.hasOwn(NAMED, name)) return { day: NAMED[name]?.(today(here)) ?? today(here) };
  if (/^\d{4}-\d{2}-\d{2}$/.test(name)) return readDate(name);
  return {
    problem: `is no day: write 2027-02-15, or one of ${NAMES.slice(0, -1).join(', ')} and ${NAMES.at(-1)}.`,
    near: nearest(name, NAMES),
  };
};

const readDate = (written: string): ReadDay => {
  const [month, day] = [written.slice(0, 7), Number(written.slice(8))];
  if (!/-(?:0[1-9]|1[0-2])$/.test(month)) return { problem: 'is no day: months are 01 to 12.' };
  const { daysInMonth } = Temporal.PlainYearMonth.from(month);
  return day >= 1 && day <= daysInMonth
    ? { day: Temporal.PlainDate.from(written) }
    : { problem: `is no day: that month has the days 01 to ${daysInMonth}.` };
};
