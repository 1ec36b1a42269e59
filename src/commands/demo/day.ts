import type { Payload } from '../payload.ts';

/** One request of the demo's day. */
export type Step = {
  /** `again`: WebKasa sends a webhook twice. `forged`: it is signed with a wrong secret. */
  readonly kind: 'webhook' | 'again' | 'forged';
  /** The person or event it is about, for the report. */
  readonly who: string;
  /** What is unusual about it, for the report. */
  readonly remark?: string;
  readonly payload: Payload;
};

/** The booking whose full history the demo shows. */
export const EXAMPLE = 'bk_k3v9x2';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * A day at a studio that takes bookings and holds a class, for people with all sorts of names. It has all nine types of
 * webhooks and most of what can go wrong with them. Ids are always the same; times are the hours before `now` (Unix milliseconds).
 */
export const dayBefore = (now: number): Step[] => {
  let count = 100;
  const webhook = (type: string, minutesAgo: number, data: Payload): Payload => {
    count += 1;
    return { id: `wh_evt_${count}`, type, created_at: new Date(now - minutesAgo * MINUTE).toISOString(), data };
  };
  const hour = (days: number, hourOfDay: number): string => {
    const at = new Date(now + days * DAY);
    at.setUTCHours(hourOfDay, 0, 0, 0);
    return at.toISOString();
  };
  const booking = (id: string, name: string, email: string, start: [days: number, hour: number]) => ({
    id,
    schedule_id: 'sch_portraits',
    start_time: hour(...start),
    end_time: hour(start[0], start[1] + 1),
    attendee_name: name,
    attendee_email: email,
  });
  const zoe = booking('bk_7fq2mw', 'Zoë Ångström', 'zoe@example.com', [5, 9]);
  const moved = { ...zoe, start_time: hour(6, 13), end_time: hour(6, 14) };
  const lukasz = booking(EXAMPLE, 'Łukasz Wójcik', 'lukasz@example.org', [3, 15]);
  const chloe = booking('bk_r8d4tn', "Chloé O'Brien", 'chloe@example.net', [1, 11]);

  const sketching = {
    id: 'evt_w1nter',
    title: 'Winter Sketching',
    description: 'Bring a pencil and warm shoes',
    start_date: hour(12, 0).slice(0, 10),
    start_time: '18:30',
    end_time: '20:30',
    timezone: 'Europe/Berlin',
    location: 'Studio 2',
    cost: 25,
    slots: 12,
  };
  const registration = (id: string, name: string, email: string, more: Payload) => ({
    id,
    event_id: sketching.id,
    attendee_name: name,
    attendee_email: email,
    ...more,
  });
  const maria = registration('reg_m4ria1', 'María José Núñez', 'maria.jose@example.com', { guest_count: 1 });
  const wang = registration('reg_w4ng22', '王小明', 'xiaoming@example.org', { notes: 'Vegan, please' });
  const joker = registration('reg_j0ker3', '=1+1 <!channel>', 'joker@example.net', { guest_count: 0 });

  const request = webhook('booking.created', 430, { ...lukasz, status: 'PENDING' });
  return [
    { who: 'Zoë Ångström', payload: webhook('booking.created', 540, { ...zoe, status: 'PENDING' }) },
    { who: 'Zoë Ångström', payload: webhook('booking.confirmed', 525, { ...zoe, status: 'CONFIRMED' }) },
    { who: 'Winter Sketching', payload: webhook('event.created', 480, { ...sketching, status: 'published' }) },
    { who: 'María José Núñez', payload: webhook('registration.created', 465, { ...maria, status: 'CONFIRMED' }) },
    { who: 'Łukasz Wójcik', payload: request },
    { kind: 'again', who: 'Łukasz Wójcik', remark: 'sent twice', payload: request },
    { who: '王小明', payload: webhook('registration.created', 400, { ...wang, status: 'CONFIRMED' }) },
    { who: "Chloé O'Brien", payload: webhook('booking.created', 372, { ...chloe, status: 'CONFIRMED' }) },
    {
      kind: 'forged',
      who: 'somebody else',
      remark: 'forged',
      payload: webhook('booking.cancelled', 340, { ...zoe, status: 'CANCELLED' }),
    },
    {
      who: 'Zoë Ångström',
      remark: 'moved',
      payload: webhook('booking.confirmed', 300, { ...moved, status: 'CONFIRMED' }),
    },
    {
      who: '=1+1 <!channel>',
      remark: 'mischief',
      payload: webhook('registration.created', 285, { ...joker, status: 'CONFIRMED' }),
    },
    { who: 'Łukasz Wójcik', payload: webhook('booking.cancelled', 270, { ...lukasz, status: 'CANCELLED' }) },
    {
      who: 'Winter Sketching',
      payload: webhook('event.updated', 240, { ...sketching, location: 'Town Hall', status: 'published' }),
    },
    { who: '王小明', payload: webhook('registration.cancelled', 210, { ...wang, status: 'CANCELLED' }) },
    {
      who: 'Łukasz Wójcik',
      remark: 'late, out of order',
      payload: webhook('booking.confirmed', 290, { ...lukasz, status: 'CONFIRMED' }),
    },
    { who: 'Zoë Ångström', payload: webhook('booking.completed', 120, { ...moved, status: 'COMPLETED' }) },
    {
      who: '',
      remark: 'an unknown type',
      payload: webhook('waitlist.joined', 100, { id: 'wl_0001', event_id: sketching.id }),
    },
    { who: 'Winter Sketching', payload: webhook('event.cancelled', 60, { ...sketching, status: 'cancelled' }) },
  ].map((step) => ({ kind: 'webhook', ...step }) as Step);
};
