import type { SearchQuery } from '../core/search-query.ts';
import { nearest } from '../core/suggest.ts';
import { KNOWN_TYPES } from '../core/webhook.ts';

/**
 * The statuses that WebKasa documents for bookings, registrations and events, each in one spelling, since filters ignore case.
 * Others are searched for as typed: WebKasa may add some.
 */
const STATUSES = [
  'PENDING',
  'CONFIRMED',
  'CANCELLED',
  'COMPLETED',
  'NO_SHOW',
  'ATTENDED',
  'draft',
  'published',
] as const;

const KINDS = [...new Set(KNOWN_TYPES.map((type) => type.replace(/\..*/, '')))];
const TYPES = [...KINDS, ...KINDS.map((kind) => `${kind}.*`), ...KNOWN_TYPES];

const isOneOf = (value: string, known: readonly string[]): boolean =>
  known.some((each) => each.toLowerCase() === value.toLowerCase());

/** Corrects `canceled` at the end of a status or type to WebKasa's spelling. */
const asWebKasaSpells = (text: string): string =>
  text.replace(/canceled$/i, (word) => (word === word.toUpperCase() ? 'CANCELLED' : 'cancelled'));

/** A status in WebKasa's spelling; `no show`, as answers write it, becomes NO_SHOW. */
export const statusSpelt = (typed: string): string => {
  const joined = asWebKasaSpells(typed).replace(/[\s-]+/g, '_');
  return isOneOf(joined, STATUSES) ? joined : asWebKasaSpells(typed);
};

/** A type in WebKasa's spelling if it is documented or ends in `.*` (`Booking.*`); any other as typed. */
export const typeSpelt = (typed: string): string => {
  const type = asWebKasaSpells(typed);
  return isOneOf(type, TYPES) || type.endsWith('.*') ? type.toLowerCase() : type;
};

export const isKnownStatus = (value: string): boolean => isOneOf(value, STATUSES);

/** A filter's value that is not documented, which is probably why nothing was found. */
export type OddValue = {
  readonly filter: 'status' | 'schedule' | 'type';
  /** What is odd about it and which values exist, as a sentence. */
  readonly text: string;
  /** The documented value that was probably meant. */
  readonly near: string | undefined;
};

/** The odd values of a query that found nothing. */
export const oddValues = ({ status, schedule, type }: SearchQuery): OddValue[] => [
  ...(status === undefined ? [] : oddValue('status', status, STATUSES, STATUSES.join(', '))),
  ...(schedule?.includes(',') ? [severalValues('schedule', schedule)] : []),
  ...(type === undefined
    ? []
    : oddValue('type', type, TYPES, `${KINDS.join(', ')}, or a type such as ${KNOWN_TYPES[0]}`)),
];

const oddValue = (filter: OddValue['filter'], value: string, known: readonly string[], names: string): OddValue[] => {
  if (isOneOf(value, known)) return [];
  if (value.includes(',')) return [severalValues(filter, value)];
  const text = `WebKasa documents no ${filter} “${brief(value)}”: there are ${names}.`;
  return [
    {
      filter,
      text,
      near: nearest(
        value,
        known.map((each) => each.toLowerCase()),
      ),
    },
  ];
};

const severalValues = (filter: OddValue['filter'], value: string): OddValue => {
  const each = value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .slice(0, 3)
    .map((part) => `${filter}:${brief(part)}`);
  return { filter, text: `${filter}: takes one value: search for ${each.join(', then ')}.`, near: undefined };
};

const brief = (value: string): string => (value.length > 40 ? `${value.slice(0, 39).toWellFormed()}…` : value);
