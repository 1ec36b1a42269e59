import type { Resource } from '../core/resource.ts';

/** A resource as answers show it. */
export type Summary = {
  readonly kind: string;
  readonly id: string;
  /** Its title, otherwise the attendee's name. */
  readonly what: string | null;
  readonly status: string | null;
  readonly title: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly scheduleId: string | null;
  readonly eventId: string | null;
  /** An instant, or a local date (and time) in `timezone`. */
  readonly start: string | null;
  /** The start as an instant; null if it can't be determined. */
  readonly startsAt: Date | null;
  readonly timezone: string | null;
  /** The start before it was last moved; null if it never was. */
  readonly previousStart: string | null;
};

export const summarise = (resource: Resource): Summary => ({
  kind: resource.kind,
  id: resource.id,
  what: resource.title ?? resource.attendeeName,
  status: resource.status,
  title: resource.title,
  name: resource.attendeeName,
  email: resource.attendeeEmail,
  scheduleId: resource.scheduleId,
  eventId: resource.eventId,
  start: resource.start,
  startsAt: resource.startsAt === null ? null : new Date(resource.startsAt),
  timezone: typeof resource.data.timezone === 'string' ? resource.data.timezone : null,
  previousStart: resource.previousStart,
});
