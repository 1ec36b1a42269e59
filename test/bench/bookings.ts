import type { SearchQuery } from '../../src/core/search-query.ts';

/*
 * Bookings and questions about them, the same in every run: names of uneven frequency in several languages, three years of
 * starts in the order of booking, statuses as time leaves them.
 */

const FIRST_NAMES = (
  'Anna Maria John Peter Sofia Emma Łukasz Jürgen José Nguyễn Olivia Noah Liam Mia Hannah Paul Laura Marta Piotr Ewa ' +
  'Bo Li Ana Chloé Zoë Ahmed Fatima Yusuf Priya Arjun Kenji Yuki Ingrid Søren Björn Elena Ivan Дмитрий Ольга Alexandra'
).split(' ');
const LAST_NAMES = (
  'Smith Johnson Kowalski Nowak Müller Schmidt García Fernández Rossi Bianchi Dubois Martin Wang Li Chen Kim Park Tanaka ' +
  'Sato Patel Singh Khan Ali Hassan Andersson Hansen Virtanen Novák Horváth Popescu Ivanov Петров Silva Santos Costa Brown ' +
  'Taylor Wilson Evans Walker Wright Hughes Edwards Green Hamilton Montgomery Featherstone Zieliński Wiśniewski Kamiński'
).split(' ');
const HOSTS = ['gmail.com', 'example.com', 'outlook.com', 'company.example'];

const DAY = 86_400_000;
const FIRST_DAY = Date.UTC(2025, 0, 1);
const SPAN = 3 * 365 * DAY;
/** When the questions are asked: bookings of the last tenth of the span are yet to come. */
const NOW = FIRST_DAY + 0.9 * SPAN;

export type Random = () => number;

/** Mulberry32: the same numbers for the same seed. */
export const randomFrom = (seed: number): Random => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const pick = <T>(values: readonly T[], random: Random): T => {
  const value = values[Math.floor(values.length * random())];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
};
/** The first are picked far more often than the last. */
const pickUnevenly = <T>(values: readonly T[], random: Random): T => pick(values, () => random() ** 2.2);
const SCHEDULES = Array.from({ length: 60 }, (_, number) => `sch_${number}`);

/** The booking of that number of `count`. */
export const aBooking = (number: number, count: number) => {
  const random = randomFrom(number * 7_919);
  const first = pickUnevenly(FIRST_NAMES, random);
  const surname = pickUnevenly(LAST_NAMES, random);
  const last = random() < 0.2 ? `${surname}-${pick(LAST_NAMES, random)}` : surname;
  const bookedAt = Math.floor(FIRST_DAY + (SPAN * number) / count);
  const starts = Math.ceil((bookedAt + random() ** 2 * 60 * DAY) / 900_000) * 900_000;
  const status = statusOf(number, starts < NOW, random());
  return {
    bookedAt,
    data: {
      id: `bk_${Math.floor(random() * 2 ** 40).toString(36)}${number.toString(36)}`,
      schedule_id: pickUnevenly(SCHEDULES, random),
      start_time: new Date(starts).toISOString(),
      end_time: new Date(starts + 3_600_000).toISOString(),
      status,
      attendee_name: `${first} ${last}`,
      attendee_email: `${first}.${last}${Math.floor(random() * 100)}@${pickUnevenly(HOSTS, random)}`.toLowerCase(),
      attendee_phone: `+48 ${Math.floor(random() * 1e9)}`,
    },
  };
};

const statusOf = (number: number, past: boolean, share: number): string => {
  if (number % 9_973 === 0) return 'NO_SHOW';
  if (share < 0.12) return 'CANCELLED';
  if (past) return 'COMPLETED';
  return share < 0.5 ? 'PENDING' : 'CONFIRMED';
};

export type Question =
  | { readonly kind: 'words' | 'filters' | 'words and filters'; readonly query: SearchQuery; readonly offset: number }
  | { readonly kind: 'why'; readonly id: string };

/** So many questions of each kind about `count` bookings, in turns. */
export const questions = (each: number, count: number): Question[] => {
  const random = randomFrom(4_711);
  const some = () => aBooking(1 + Math.floor(count * random()), count).data;
  return Array.from({ length: each }).flatMap((): Question[] => {
    const offset = pick([0, 0, 0, 10, 50, 200], random);
    return [
      { kind: 'words', query: { words: wordsOf(some(), random) }, offset },
      { kind: 'filters', query: { words: '', ...filtersOf(random) }, offset },
      { kind: 'words and filters', query: { words: wordsOf(some(), random), ...filtersOf(random) }, offset },
      { kind: 'why', id: some().id },
    ];
  });
};

/** What somebody who looks for a booking types. */
const wordsOf = (
  { attendee_name: name, attendee_email: email, id }: Record<string, string>,
  random: Random,
): string => {
  const [first = '', last = ''] = (name ?? '').split(' ');
  const asked = [
    name,
    first,
    last,
    last.slice(0, 4),
    email,
    email?.split('@')[0],
    `${first} gmail`,
    id,
    id?.slice(3, 9),
  ];
  return pick([...asked, 'li', 'zzyzx'], random) ?? '';
};

/** Wide and narrow ones, such as most have and hardly any, and such as exclude each other. */
const filtersOf = (random: Random): Partial<SearchQuery> => {
  const day = Math.floor((FIRST_DAY + random() * SPAN) / DAY) * DAY;
  const within = (days: number) => ({ from: day, to: day + days * DAY });
  const schedule = pick(SCHEDULES, random);
  return pick<Partial<SearchQuery>>(
    [
      { status: pick(['pending', 'CONFIRMED', 'cancelled', 'completed', 'no_show', 'unknown'], random) },
      { schedule },
      { type: pick(['booking', 'booking.cancelled', 'event'], random) },
      { from: day },
      { to: day },
      pick([within(1), within(7), within(30), within(365)], random),
      { ...within(7), order: 'soonest' },
      { from: NOW, order: 'soonest' },
      { status: 'cancelled', ...within(30) },
      { status: 'no_show', schedule },
      { status: 'completed', type: 'booking.cancelled' },
      { status: 'pending', to: FIRST_DAY + SPAN / 2 },
    ],
    random,
  );
};
