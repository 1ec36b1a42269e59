import type { KnownType, Webhook } from '../core/webhook.ts';
import bookingCancelled from './booking.cancelled.json' with { type: 'json' };
import bookingCompleted from './booking.completed.json' with { type: 'json' };
import bookingConfirmed from './booking.confirmed.json' with { type: 'json' };
import bookingCreated from './booking.created.json' with { type: 'json' };
import eventCancelled from './event.cancelled.json' with { type: 'json' };
import eventCreated from './event.created.json' with { type: 'json' };
import eventUpdated from './event.updated.json' with { type: 'json' };
import registrationCancelled from './registration.cancelled.json' with { type: 'json' };
import registrationCreated from './registration.created.json' with { type: 'json' };

/** One webhook of each documented type, about one booking, one event and one registration for that event. */
export const SAMPLES: Readonly<Record<KnownType, Webhook>> = {
  'booking.created': bookingCreated,
  'booking.confirmed': bookingConfirmed,
  'booking.cancelled': bookingCancelled,
  'booking.completed': bookingCompleted,
  'event.created': eventCreated,
  'event.updated': eventUpdated,
  'event.cancelled': eventCancelled,
  'registration.created': registrationCreated,
  'registration.cancelled': registrationCancelled,
};
