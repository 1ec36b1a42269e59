import type { RegistrationCount } from '../../store/ports.ts';

/**
 * `12 of 40 places taken · 3 guests · 2 cancelled`; without places `12 registered`, and empty where there is nothing to
 * say.
 */
export const countLine = ({ active, cancelled, guests }: RegistrationCount, slots: number | null): string =>
  [
    slots !== null ? `${active} of ${slots} places taken` : active + cancelled > 0 ? `${active} registered` : '',
    guests > 0 ? `${guests} ${guests === 1 ? 'guest' : 'guests'}` : '',
    cancelled > 0 ? `${cancelled} cancelled` : '',
  ]
    .filter(Boolean)
    .join(' · ');

/** The capacity of an event, where its data has a valid number. */
export const slotsOf = (data: Readonly<Record<string, unknown>> | null): number | null =>
  typeof data?.slots === 'number' && Number.isSafeInteger(data.slots) && data.slots > 0 ? data.slots : null;
