import { onTestFinished } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import type { ApiClientDeps } from '../../src/webkasa/client.ts';
import { createFactFinder } from '../../src/webkasa/finder.ts';
import { startWebKasaApi, type WebKasaApiOptions } from '../support/webkasa-api.ts';

export const BOOKING = {
  id: 'bk_1',
  schedule_id: 'sch_1',
  title: 'First consultation',
  start_time: '2027-02-15T10:00:00Z',
  end_time: '2027-02-15T11:00:00Z',
  status: 'CONFIRMED',
  timezone: 'Europe/Lisbon',
  location: 'Rua Augusta 1',
  location_type: 'in_person',
};
export const SCHEDULE = { id: 'sch_1', name: 'Lisbon office', timezone: 'Europe/Lisbon' };
export const EVENT = {
  id: 'evt_1',
  title: 'Open day',
  start_date: '2027-03-20',
  start_time: '10:00',
  end_time: '12:00',
  timezone: 'Asia/Tokyo',
  location: 'Main hall',
};

/** The stand-in and a finder that asks it, both gone when the test is. */
export const startWorld = async (options: WebKasaApiOptions & Partial<ApiClientDeps> = {}) => {
  const api = await startWebKasaApi({ bookings: [BOOKING], schedules: [SCHEDULE], events: [EVENT], ...options });
  const finder = createFactFinder({
    url: api.url,
    key: options.key ?? api.key,
    now: options.now ?? Date.now,
    log: options.log ?? silentLog(),
    ...(options.timeout !== undefined && { timeout: options.timeout }),
  });
  onTestFinished(async () => {
    await finder[Symbol.asyncDispose]();
    await api.close();
  });
  return { api, finder };
};

/** Far enough for any answer of a stand-in on a busy machine. */
export const inTime = (): number => Date.now() + 10_000;
