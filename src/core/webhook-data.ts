import { z } from 'zod';

const text = z.string().min(1);
const isoTime = z.iso.datetime({ offset: true });
const zone = text.refine(isTimeZone, 'is not an IANA time zone');

/** The fields that WebKasa's pages show or that its API objects have; anything more is let through. */
const booking = z.looseObject({
  id: text,
  start_time: isoTime,
  end_time: isoTime.optional(),
  status: text,
  attendee_name: z.string(),
  attendee_email: z.string(),
  timezone: zone.nullish(),
});

const event = z.looseObject({
  id: text,
  title: text,
  start_date: z.iso.date(),
  start_time: z
    .string()
    .regex(/^\d{2}:\d{2}/)
    .nullish(),
  end_time: z
    .string()
    .regex(/^\d{2}:\d{2}/)
    .nullish(),
  timezone: zone.nullish(),
});

const registration = z.looseObject({
  id: text,
  event_id: text,
  attendee_name: z.string(),
  attendee_email: z.string(),
  status: text,
});

const SCHEMAS: Readonly<Record<string, z.ZodType>> = { booking, event, registration };

/** Says what in `data` is not as WebKasa describes it, a sentence each; empty where all is well. */
export const dataProblems = (type: string, data: unknown): string[] => {
  const schema = SCHEMAS[type.split('.')[0] ?? ''];
  const parsed = schema?.safeParse(data);
  if (!parsed || parsed.success) return [];
  return parsed.error.issues.slice(0, 5).map((issue) => `${['data', ...issue.path].join('.')}: ${issue.message}`);
};

/** Names found good before: asking the runtime costs more than all the rest of a check. */
const goodZones = new Set<string>();
const MOST_REMEMBERED = 1_000;

/** Whether the runtime knows this IANA time zone. */
export function isTimeZone(name: string): boolean {
  if (goodZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  if (goodZones.size < MOST_REMEMBERED) goodZones.add(name);
  return true;
}
