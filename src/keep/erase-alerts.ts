import { parsed } from './erase-find.ts';
import { ERASED, mapTexts, type Person } from './person.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The state of alerts (see watch/alert/state.ts) without a person. Of their dead deliveries (`ids`) that the team is still to be
 * told of, the number, channel and rule stay.
 */
export const alertsWithout = (detail: string, person: Person, ids: ReadonlySet<string>): string => {
  const nobody = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(nobody);
    if (typeof value !== 'object' || value === null) return value;
    const fields = value as Fields;
    const theirs = 'to' in fields && (ids.has(String(fields.id)) || person.isIn(JSON.stringify(fields)));
    const { to, message } = fields;
    const hidden = { ...(to !== undefined && { to: ERASED }), ...(message !== undefined && { message: ERASED }) };
    return Object.fromEntries(
      Object.entries(theirs ? { ...fields, ...hidden } : fields).map(([name, field]) => [name, nobody(field)]),
    );
  };
  return JSON.stringify(mapTexts(nobody(parsed(detail)), person.without));
};
