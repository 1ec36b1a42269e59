import { nearest } from '../core/suggest.ts';
import type { KnownType } from '../core/webhook.ts';
import { SAMPLES } from '../samples/index.ts';

/** Fields that WebKasa documents and the samples lack. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  booking: ['title', 'created_at', 'event_type_id', 'timezone', 'location', 'location_type', 'attendee_phone'],
  event: ['created_at'],
  registration: ['created_at'],
};

const WHEN = ['date', 'day', 'time', 'zone', 'text', 'unix'];
const SCHEDULE = ['id', 'name', 'description', 'timezone'];
const WEBHOOK = ['id', 'type', 'created_at'];

/** What conditions can be about, for webhooks of these types. */
export const conditionPaths = (types: readonly KnownType[]): string[] => [
  ...WEBHOOK,
  'moved',
  'changed',
  ...dataPaths(types),
];

/** What templates and the strings of rules can take from the view, for webhooks of these types. */
export const variablePaths = (types: readonly KnownType[]): string[] => [
  ...WEBHOOK,
  ...dataPaths(types),
  ...dataPaths(types).map((path) => path.replace('data.', 'changed_from.')),
  ...['when', 'moved_from'].flatMap((name) => WHEN.map((part) => `${name}.${part}`)),
  'zone',
  ...(types.some((type) => kindOf(type) === 'booking') ? SCHEDULE.map((field) => `schedule.${field}`) : []),
  ...['timezone', 'locale', 'public_url'].map((setting) => `settings.${setting}`),
  ...(types.some((type) => kindOf(type) === 'registration')
    ? fieldsOf('event.created').map((key) => `event.${key}`)
    : []),
];

/** Of the reader's own registration, which mails to everyone registered know besides. */
export const registrationPaths = (): string[] => fieldsOf('registration.created').map((key) => `registration.${key}`);

const dataPaths = (types: readonly KnownType[]): string[] => [
  ...new Set(types.flatMap((type) => fieldsOf(type).map((key) => `data.${key}`))),
];

const fieldsOf = (type: KnownType): string[] => [
  ...Object.keys((SAMPLES[type].data ?? {}) as object),
  ...(ALSO[kindOf(type)] ?? []),
];

const kindOf = (type: KnownType): string => type.split('.')[0] ?? type;

/** Says that a path occurs in none of the known ones, and which may be meant; undefined where all is well. */
export const unknownPath = (path: string, known: readonly string[], of = ' for these types'): string | undefined => {
  if (isKnown(path, known)) return undefined;
  const meant = known.includes(`data.${path}`) ? `data.${path}` : nearest(path, known);
  return `${path} is in no webhook that WebKasa documents${of}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
};

/** A known path, what is around one, or what Liquid knows of a text or a list besides. */
const isKnown = (path: string, known: readonly string[]): boolean =>
  known.includes(path) ||
  known.some((other) => other.startsWith(`${path}.`)) ||
  (/\.(?:size|first|last)$/.test(path) && known.includes(path.slice(0, path.lastIndexOf('.'))));
