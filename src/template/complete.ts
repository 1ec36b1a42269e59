type Fields = Readonly<Record<string, unknown>>;

const TIMES = ['start_date', 'start_time', 'end_date', 'end_time'];

/**
 * A webhook's data with what WebKasa's API knows underneath: the webhook says what it was about, so what it names stays.
 * Where the two name different starts the API knows of a later or earlier move, and none of its times is taken.
 */
export const completed = (data: Fields, below: Fields | null): Fields => {
  if (below === null) return data;
  const sameStart = agree(data.start_date, below.start_date) && agree(data.start_time, below.start_time);
  const taken = Object.fromEntries(Object.entries(below).filter(([name]) => sameStart || !TIMES.includes(name)));
  return Object.fromEntries([
    ...Object.entries(taken),
    ...Object.entries(data).filter(([name, value]) => !isNothing(value) || isNothing(taken[name])),
  ]);
};

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === '';

const agree = (one: unknown, other: unknown): boolean => {
  if (isNothing(one) || one === other) return true;
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  // 10:00 and 10:00:00 of an event, and the same instant of a booking written in two ways.
  const clock = /^\d{2}:\d{2}/;
  if (clock.test(one) && clock.test(other)) return one.slice(0, 5) === other.slice(0, 5);
  return Date.parse(one) === Date.parse(other);
};
