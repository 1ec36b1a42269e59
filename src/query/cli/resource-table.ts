import type { Summary } from '../summary.ts';
import type { Look } from './look.ts';
import { startText, statusColour } from './resource.ts';
import { table } from './table.ts';

/** A table of bookings, events and registrations. */
export const resourceTable = (resources: readonly Summary[], look: Look): string => {
  const columns = [
    { title: 'id', whole: true },
    { title: 'kind' },
    { title: 'what' },
    { title: 'email' },
    { title: `when (${look.times.zone})`, whole: true },
    { title: 'status', whole: true },
  ];
  const rows = resources.map((resource) => [
    { text: resource.id, colour: 'bold' as const },
    resource.kind,
    resource.what ?? '',
    resource.email ?? '',
    startText(resource, look),
    { text: resource.status ?? '', colour: statusColour(resource.status ?? '') },
  ]);
  return table(columns, rows, look);
};
