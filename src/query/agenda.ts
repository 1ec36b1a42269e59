import type { Summary } from './summary.ts';

/** Bookings and events of a span of days, by start. */
export type AgendaAnswer = {
  readonly span: 'today' | 'upcoming';
  readonly from: Date;
  readonly to: Date;
  /** The zone whose days are meant (TIMEZONE). */
  readonly timezone: string;
  readonly limit: number;
  readonly offset: number;
  readonly resources: readonly Summary[];
  readonly more: boolean;
};
